// SPDX-License-Identifier: MIT OR Apache-2.0
//
// EppForce.h - an OpenMM Force over an energy plugin, for C++. Link libepp_openmm and libOpenMM.
//
//   auto* force = new freeland::EppForce("molecular-mechanics", R"({"implicit": "obc1"})");
//   force->setForceGroup(1);
//   system.addForce(force);
//
// The plugin is loaded when a Context is made of the System. Whatever is wrong with it, then or later, is an
// OpenMM::OpenMMException that names the plugin.
#ifndef FREELAND_EPP_FORCE_H
#define FREELAND_EPP_FORCE_H

#include <map>
#include <string>
#include <vector>

#include "epp_openmm.h"
#include "openmm/Force.h"
#include "openmm/OpenMMException.h"

namespace freeland {

/// A Force whose energy is that of an energy plugin, in kJ/mol with positions in nm. A potential in reduced units is
/// taken at its numbers: its unit of length is 1 nm, its unit of energy 1 kJ/mol. A potential in one or two dimensions
/// acts on x, or on x and y.
class EppForce : public OpenMM::Force {
public:
    enum Periodicity {
        AsPlugin = EPP_FORCE_AS_PLUGIN,      ///< what the plugin says
        IsPeriodic = EPP_FORCE_PERIODIC,     ///< refused where the plugin is not periodic
        NotPeriodic = EPP_FORCE_NOT_PERIODIC ///< refused where the plugin is periodic
    };
    enum Isolation {
        InProcess = EPP_FORCE_IN_PROCESS, ///< the plugin runs in this process
        Worker = EPP_FORCE_WORKER         ///< the plugin runs in a worker process
    };

    /// `plugin`: an id, the path of a library with one potential, or path.so#id. `config`: a JSON object.
    explicit EppForce(const std::string& plugin, const std::string& config = "{}") : plugin(plugin), config(config) {
        if (epp_force_layout() != EPP_FORCE_LAYOUT)
            throw OpenMM::OpenMMException("EppForce: the program was compiled with the EppForce.h of another version "
                                          "than the libepp_openmm it runs with; compile it again");
        setName("EppForce");
        epp_force_register();
    }

    const std::string& getPlugin() const { return plugin; }
    const std::string& getConfig() const { return config; }

    /// Folders to search for the plugin first, separated by colons.
    const std::string& getSearchPath() const { return searchPath; }
    void setSearchPath(const std::string& folders) { searchPath = folders; }

    /// 64 hexadecimal digits: another library than the one with this sum is refused. Empty: any.
    const std::string& getSha256() const { return sha256; }
    void setSha256(const std::string& digits) { sha256 = digits; }

    /// Particles of the System in the plugin's order of atoms. Empty: all of them.
    const std::vector<int>& getParticles() const { return particles; }
    void setParticles(const std::vector<int>& indices) { particles = indices; }

    /// A default value for a parameter of the plugin in place of the plugin's own. All of the plugin's parameters are
    /// parameters of the Context, with or without this.
    const std::map<std::string, double>& getDefaultParameters() const { return parameters; }
    void setDefaultParameter(const std::string& name, double value) { parameters[name] = value; }

    Periodicity getPeriodicity() const { return static_cast<Periodicity>(periodicity); }
    void setPeriodicity(Periodicity value) { periodicity = value; }

    Isolation getIsolation() const { return static_cast<Isolation>(isolation); }
    void setIsolation(Isolation value) { isolation = value; }

    /// Whether to load a library that others than its user may write to.
    bool getTrustWritable() const { return trustWritable; }
    void setTrustWritable(bool value) { trustWritable = value; }

    /// With AsPlugin, the first call loads the plugin to ask it.
    bool usesPeriodicBoundaryConditions() const override {
        if (periodicity != AsPlugin)
            return periodicity == IsPeriodic;
        if (pluginIsPeriodic >= 0)
            return pluginIsPeriodic != 0;
        char error[4096];
        const int answer = epp_force_is_periodic(static_cast<const OpenMM::Force*>(this), error, sizeof error);
        if (answer < 0)
            throw OpenMM::OpenMMException(error);
        pluginIsPeriodic = answer;
        return answer != 0;
    }

protected:
    OpenMM::ForceImpl* createImpl() const override {
        char error[4096];
        void* impl = epp_force_impl(static_cast<const OpenMM::Force*>(this), error, sizeof error);
        if (impl == nullptr)
            throw OpenMM::OpenMMException(error);
        return static_cast<OpenMM::ForceImpl*>(impl);
    }

private:
    std::string plugin, config, searchPath, sha256;
    std::vector<int> particles;
    std::map<std::string, double> parameters;
    int periodicity = AsPlugin;
    int isolation = InProcess;
    bool trustWritable = false;
    mutable int pluginIsPeriodic = -1; // -1: not asked yet
};

} // namespace freeland

#endif // FREELAND_EPP_FORCE_H
