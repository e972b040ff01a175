// SPDX-License-Identifier: MIT OR Apache-2.0
// What of OpenMM can throw, for cxx, which turns an exception into a Rust `Err`.
#pragma once

#include "rust/cxx.h"
#include <array>
#include <cstdint>
#include <exception>
#include <map>
#include <memory>
#include <string>
#include <openmm/Context.h>
#include <openmm/HarmonicBondForce.h>
#include <openmm/NonbondedForce.h>
#include <openmm/System.h>
#include <openmm/VerletIntegrator.h>
#include <vector>

namespace rust::behavior {
// cxx's own version lets anything through that is not a std::exception, which ends the process.
template <typename Try, typename Fail> static void trycatch(Try &&attempt, Fail &&fail) noexcept {
  try {
    attempt();
  } catch (const std::exception &error) {
    fail(error.what());
  } catch (...) {
    fail("an exception that is not a std::exception");
  }
}
} // namespace rust::behavior

namespace freeland::openmm {

struct Property;  // generated from bridge.rs
struct Parameter; // generated from bridge.rs

// What libOpenMM makes and takes back itself, through its C wrapper: its classes have grown between its versions, and a
// library that is compiled against one of them may run with another.
struct Release {
  void operator()(OpenMM::VerletIntegrator *integrator) const;
  void operator()(OpenMM::Context *context) const;
};

// A Context with the integrator that it cannot do without, and a buffer for positions. It refers to the System that
// it was made from, which must live longer.
class Session {
public:
  Session(const OpenMM::System &system, OpenMM::Platform &platform, const std::map<std::string, std::string> &properties);
  void set_positions(rust::Slice<const double> positions);
  void set_box(const std::array<double, 9> &rows);
  void set_parameter(rust::Str name, double value);
  rust::Vec<Parameter> parameters() const;
  // The energy of the force groups in the mask; forces too, unless the slice is empty.
  double evaluate(rust::Slice<double> forces, std::int32_t groups) const;

private:
  std::unique_ptr<OpenMM::VerletIntegrator, Release> integrator_; // declared first: destroyed after the Context
  std::unique_ptr<OpenMM::Context, Release> context_;
  std::vector<OpenMM::Vec3> positions_;
  bool virtual_sites_ = false;
};

std::unique_ptr<OpenMM::System> system_from_xml(rust::Str xml);
void set_force_group(OpenMM::System &system, std::int32_t force, std::int32_t group);
// Gives what a NonbondedForce computes on a mesh a group of its own.
void set_mesh_group(OpenMM::System &system, std::int32_t force, std::int32_t group);
// Removes all constraints and adds a HarmonicBondForce of that name in their place.
void replace_constraints_by_bonds(OpenMM::System &system, rust::Str name, double strength);
bool is_periodic(const OpenMM::System &system);
// The class of a force, "HarmonicBondForce" for example.
rust::String force_class(const OpenMM::System &system, std::int32_t force);
// The force as the class named, or null if it is another.
const OpenMM::NonbondedForce *as_nonbonded(const OpenMM::System &system, std::int32_t force);
const OpenMM::HarmonicBondForce *as_harmonic_bond(const OpenMM::System &system, std::int32_t force);

rust::Vec<rust::String> platform_names();
rust::Vec<rust::String> platform_properties(rust::Str platform);
// The file that libOpenMM was loaded from.
rust::String library_path();
void load_library(rust::Str path);
// Loads what is in a folder; returns what could not be loaded, a sentence each.
rust::Vec<rust::String> load_folder(rust::Str path);

std::unique_ptr<Session> new_session(const OpenMM::System &system, rust::Str platform, rust::Slice<const Property> properties);

} // namespace freeland::openmm
