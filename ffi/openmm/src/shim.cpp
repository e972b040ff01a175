// SPDX-License-Identifier: MIT OR Apache-2.0
#include "openmm-shim/src/bridge.rs.h"
#include "openmm-shim/src/shim.h"
#include <OpenMMCWrapper.h>
#include <dlfcn.h>
#include <mutex>
#include <openmm/OpenMMException.h>
#include <openmm/Platform.h>
#include <openmm/serialization/SerializationProxy.h>
#include <openmm/serialization/XmlSerializer.h>
#include <sstream>
#include <string>
#include <typeinfo>

namespace freeland::openmm {

using OpenMM::OpenMMException;
using OpenMM::Platform;
using OpenMM::Vec3;

namespace {

// The types of the C wrapper are names for the classes, in OpenMM's own implementation of it too.
template <typename To, typename From> To *as(From *from) { return reinterpret_cast<To *>(from); }

struct ReleaseState {
  void operator()(OpenMM_State *state) const { OpenMM_State_destroy(state); }
};

} // namespace

void Release::operator()(OpenMM::VerletIntegrator *integrator) const {
  OpenMM_VerletIntegrator_destroy(as<OpenMM_VerletIntegrator>(integrator));
}

void Release::operator()(OpenMM::Context *context) const { OpenMM_Context_destroy(as<OpenMM_Context>(context)); }

Session::Session(const OpenMM::System &system, Platform &platform, const std::map<std::string, std::string> &properties)
    : integrator_(as<OpenMM::VerletIntegrator>(OpenMM_VerletIntegrator_create(0.001))),
      context_(as<OpenMM::Context>(
          OpenMM_Context_create_3(as<const OpenMM_System>(&system), as<OpenMM_Integrator>(integrator_.get()),
                                  as<OpenMM_Platform>(&platform), as<const OpenMM_PropertyArray>(&properties)))),
      positions_(system.getNumParticles()) {
  for (int i = 0; i < system.getNumParticles(); i++)
    virtual_sites_ = virtual_sites_ || system.isVirtualSite(i);
}

void Session::set_positions(rust::Slice<const double> positions) {
  if (positions.size() != 3 * positions_.size())
    throw OpenMMException("expected 3 coordinates for each of " + std::to_string(positions_.size()) +
                          " particles, found " + std::to_string(positions.size()) + " numbers");
  for (std::size_t i = 0; i < positions_.size(); i++)
    positions_[i] = Vec3(positions[3 * i], positions[3 * i + 1], positions[3 * i + 2]);
  context_->setPositions(positions_);
  if (virtual_sites_)
    context_->computeVirtualSites();
}

void Session::set_box(const std::array<double, 9> &rows) {
  context_->setPeriodicBoxVectors(Vec3(rows[0], rows[1], rows[2]), Vec3(rows[3], rows[4], rows[5]),
                                 Vec3(rows[6], rows[7], rows[8]));
}

void Session::set_parameter(rust::Str name, double value) { context_->setParameter(std::string(name), value); }

rust::Vec<Parameter> Session::parameters() const {
  rust::Vec<Parameter> result;
  for (const auto &[name, value] : context_->getParameters())
    result.push_back(Parameter{name, value});
  return result;
}

double Session::evaluate(rust::Slice<double> forces, std::int32_t groups) const {
  const bool wanted = !forces.empty();
  if (wanted && forces.size() != 3 * positions_.size())
    throw OpenMMException("expected room for 3 force components for each of " + std::to_string(positions_.size()) +
                          " particles, found " + std::to_string(forces.size()));
  const int types = OpenMM::State::Energy | (wanted ? OpenMM::State::Forces : 0);
  const std::unique_ptr<OpenMM_State, ReleaseState> state(
      OpenMM_Context_getState_2(as<const OpenMM_Context>(context_.get()), types, 0, groups));
  if (wanted) {
    const std::vector<Vec3> &values = *as<const std::vector<Vec3>>(OpenMM_State_getForces(state.get()));
    for (std::size_t i = 0; i < values.size(); i++)
      for (int k = 0; k < 3; k++)
        forces[3 * i + k] = values[i][k];
  }
  return OpenMM_State_getPotentialEnergy(state.get());
}

namespace {

/// The lock of the Python interpreter in this process, if there is one. Python's own OpenMM reads XML while it holds it.
class InterpreterLock {
public:
  InterpreterLock() {
    const auto initialized = function<int()>("Py_IsInitialized");
    const auto ensure = function<int()>("PyGILState_Ensure");
    release = function<void(int)>("PyGILState_Release");
    held = initialized != nullptr && ensure != nullptr && release != nullptr && initialized() != 0;
    if (held)
      state = ensure();
  }
  InterpreterLock(const InterpreterLock &) = delete;
  InterpreterLock &operator=(const InterpreterLock &) = delete;
  ~InterpreterLock() {
    if (held)
      release(state);
  }

private:
  template <class Signature> static Signature *function(const char *name) {
    return reinterpret_cast<Signature *>(dlsym(RTLD_DEFAULT, name));
  }
  void (*release)(int) = nullptr;
  int state = 0;
  bool held = false;
};

} // namespace

std::unique_ptr<OpenMM::System> system_from_xml(rust::Str xml) {
  // OpenMM reads numbers with David Gay's dtoa.c, compiled for a single thread: two texts that are read at the same time
  // share its free list of big integers, and both get wrong numbers without a word. The interpreter's lock comes first: who
  // holds it already may wait for the other.
  const InterpreterLock python;
  static std::mutex one_at_a_time;
  const std::lock_guard<std::mutex> guard(one_at_a_time);
  std::istringstream stream{std::string(xml)};
  return std::unique_ptr<OpenMM::System>(OpenMM::XmlSerializer::deserialize<OpenMM::System>(stream));
}

void set_force_group(OpenMM::System &system, std::int32_t force, std::int32_t group) {
  OpenMM::Force &changed = system.getForce(force);
  changed.setForceGroup(group);
  // The part in reciprocal space may have a group of its own; -1 is the force's.
  if (auto *nonbonded = dynamic_cast<OpenMM::NonbondedForce *>(&changed))
    nonbonded->setReciprocalSpaceForceGroup(-1);
}

void set_mesh_group(OpenMM::System &system, std::int32_t force, std::int32_t group) {
  dynamic_cast<OpenMM::NonbondedForce &>(system.getForce(force)).setReciprocalSpaceForceGroup(group);
}

void replace_constraints_by_bonds(OpenMM::System &system, rust::Str name, double strength) {
  auto bonds = std::make_unique<OpenMM::HarmonicBondForce>();
  bonds->setName(std::string(name));
  for (int index = 0; index < system.getNumConstraints(); ++index) {
    int first = 0;
    int second = 0;
    double length = 0.0;
    system.getConstraintParameters(index, first, second, length);
    bonds->addBond(first, second, length, strength);
  }
  while (system.getNumConstraints() > 0) {
    system.removeConstraint(system.getNumConstraints() - 1);
  }
  system.addForce(bonds.release());
}

bool is_periodic(const OpenMM::System &system) { return system.usesPeriodicBoundaryConditions(); }

rust::String force_class(const OpenMM::System &system, std::int32_t force) {
  const OpenMM::Force &found = system.getForce(force);
  return OpenMM::SerializationProxy::getProxy(typeid(found)).getTypeName();
}

const OpenMM::NonbondedForce *as_nonbonded(const OpenMM::System &system, std::int32_t force) {
  return dynamic_cast<const OpenMM::NonbondedForce *>(&system.getForce(force));
}

const OpenMM::HarmonicBondForce *as_harmonic_bond(const OpenMM::System &system, std::int32_t force) {
  return dynamic_cast<const OpenMM::HarmonicBondForce *>(&system.getForce(force));
}

rust::Vec<rust::String> platform_names() {
  rust::Vec<rust::String> names;
  for (int i = 0; i < Platform::getNumPlatforms(); i++)
    names.push_back(Platform::getPlatform(i).getName());
  return names;
}

rust::Vec<rust::String> platform_properties(rust::Str platform) {
  rust::Vec<rust::String> names;
  for (const std::string &name : Platform::getPlatformByName(std::string(platform)).getPropertyNames())
    names.push_back(name);
  return names;
}

rust::String library_path() {
  Dl_info info;
  if (dladdr(reinterpret_cast<void *>(&Platform::getOpenMMVersion), &info) == 0 || info.dli_fname == nullptr)
    throw OpenMMException("the dynamic linker does not tell where libOpenMM is");
  return rust::String(info.dli_fname);
}

void load_library(rust::Str path) { Platform::loadPluginLibrary(std::string(path)); }

rust::Vec<rust::String> load_folder(rust::Str path) {
  const std::size_t before = Platform::getPluginLoadFailures().size();
  Platform::loadPluginsFromDirectory(std::string(path));
  const std::vector<std::string> failures = Platform::getPluginLoadFailures();
  rust::Vec<rust::String> result;
  for (std::size_t i = before < failures.size() ? before : 0; i < failures.size(); i++)
    result.push_back(failures[i]);
  return result;
}

std::unique_ptr<Session> new_session(const OpenMM::System &system, rust::Str platform,
                                     rust::Slice<const Property> properties) {
  std::map<std::string, std::string> map;
  for (const Property &property : properties)
    map[std::string(property.name)] = std::string(property.value);
  return std::make_unique<Session>(system, Platform::getPlatformByName(std::string(platform)), map);
}

} // namespace freeland::openmm
