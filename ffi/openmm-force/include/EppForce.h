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
//
// A program that is compiled with this header runs with every later libepp_openmm: all that a Force is made of lies in the
// library, behind one pointer, and is reached by the functions of epp_openmm.h.
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
    enum Failure {
        Throws = EPP_FORCE_THROWS,               ///< OpenMMException with the status of the configuration
        AnswersInfinity = EPP_FORCE_INFINITY, ///< an energy of +infinity, forces of NaN: minimisers and Monte Carlo step back
        AnswersNaN = EPP_FORCE_NAN            ///< energy and forces NaN
    };

    /// `plugin`: an id, the path of a library with one potential, or path.so#id. `config`: a JSON object.
    explicit EppForce(const std::string& plugin, const std::string& config = "{}") : data(epp_force_data_new()) {
        if (data == nullptr)
            throw OpenMM::OpenMMException("EppForce: out of memory");
        setName("EppForce");
        setText("plugin", plugin);
        setText("config", config);
    }
    EppForce(const EppForce& other) : OpenMM::Force(other), data(epp_force_data_copy(other.data)) {
        if (data == nullptr)
            throw OpenMM::OpenMMException("EppForce: out of memory");
    }
    EppForce& operator=(const EppForce&) = delete;
    ~EppForce() override { epp_force_data_delete(data); }

    std::string getPlugin() const { return getText("plugin"); }
    std::string getConfig() const { return getText("config"); }

    /// Folders to search for the plugin first, separated by colons.
    std::string getSearchPath() const { return getText("searchPath"); }
    void setSearchPath(const std::string& folders) { setText("searchPath", folders); }

    /// 64 hexadecimal digits: another library than the one with this sum is refused. Empty: any.
    std::string getSha256() const { return getText("sha256"); }
    void setSha256(const std::string& digits) { setText("sha256", digits); }

    /// What relative paths in the configuration start from. Empty: the working folder.
    std::string getFolder() const { return getText("folder"); }
    void setFolder(const std::string& path) { setText("folder", path); }

    /// On how many threads one call may work. 0: as many as there are.
    long long getThreads() const { return getInteger("threads"); }
    void setThreads(long long count) { setInteger("threads", count); }

    /// Particles of the System in the plugin's order of atoms. Empty: all of them.
    std::vector<int> getParticles() const {
        const int32_t* indices = nullptr;
        const uint64_t count = epp_force_data_particles(data, &indices);
        return std::vector<int>(indices, indices + count);
    }
    void setParticles(const std::vector<int>& indices) {
        Message message;
        message.check(epp_force_data_set_particles(data, indices.data(), indices.size(), message.text, sizeof message.text));
    }

    /// A default value for a parameter of the plugin in place of the plugin's own. All of the plugin's parameters are
    /// parameters of the Context, with or without this.
    std::map<std::string, double> getDefaultParameters() const {
        std::map<std::string, double> all;
        double value = 0.0;
        for (uint64_t index = 0; const char* name = epp_force_data_parameter(data, index, &value); index++)
            all[name] = value;
        return all;
    }
    void setDefaultParameter(const std::string& name, double value) {
        Message message;
        message.check(epp_force_data_set_parameter(data, name.c_str(), value, message.text, sizeof message.text));
    }

    Periodicity getPeriodicity() const { return static_cast<Periodicity>(getInteger("periodic")); }
    void setPeriodicity(Periodicity value) { setInteger("periodic", value); }

    /// What a configuration does that the plugin cannot evaluate. README.md tells what OpenMM makes of each answer.
    Failure getFailure() const { return static_cast<Failure>(getInteger("failure")); }
    void setFailure(Failure value) { setInteger("failure", value); }

    Isolation getIsolation() const { return static_cast<Isolation>(getInteger("isolation")); }
    void setIsolation(Isolation value) { setInteger("isolation", value); }

    /// With Worker: how long one call may take before it is stopped, ms. 0: 60 s.
    long long getTimeLimit() const { return getInteger("timeLimit"); }
    void setTimeLimit(long long milliseconds) { setInteger("timeLimit", milliseconds); }

    /// With Worker: the memory of the worker, bytes. 0: no limit.
    long long getMemory() const { return getInteger("memory"); }
    void setMemory(long long bytes) { setInteger("memory", bytes); }

    /// With Worker: whether to load nothing of the plugin where the system cannot keep it from all that it should.
    bool getConfinementRequired() const { return getInteger("confinement") == EPP_FORCE_REQUIRED; }
    void setConfinementRequired(bool value) { setInteger("confinement", value); }

    /// With Worker: files and folders that the worker may write to, separated by colons. Not kept in XML: a document cannot
    /// grant it.
    std::string getWritable() const { return getText("writable"); }
    void setWritable(const std::string& paths) { setText("writable", paths); }

    /// Whether to load a library that others than its user may write to. Not kept in XML: a document cannot grant it.
    bool getTrustWritable() const { return getInteger("trustWritable") != 0; }
    void setTrustWritable(bool value) { setInteger("trustWritable", value); }

    /// With AsPlugin, the first call loads the plugin to ask it.
    bool usesPeriodicBoundaryConditions() const override {
        Message message;
        const int answer = epp_force_data_is_periodic(data, message.text, sizeof message.text);
        message.check(answer < 0);
        return answer != 0;
    }

    /// For the functions epp_force_data_*.
    epp_force_data* getData() const { return data; }

protected:
    OpenMM::ForceImpl* createImpl() const override {
        Message message;
        void* impl = epp_force_data_impl(data, static_cast<const OpenMM::Force*>(this), message.text, sizeof message.text);
        message.check(impl == nullptr);
        return static_cast<OpenMM::ForceImpl*>(impl);
    }

private:
    /// What went wrong in a function of epp_openmm.h.
    struct Message {
        char text[4096];
        Message() { text[0] = 0; }
        void check(int failed) const {
            if (failed != 0)
                throw OpenMM::OpenMMException(text);
        }
    };

    std::string getText(const char* name) const {
        const char* text = epp_force_data_text(data, name);
        return text == nullptr ? "" : text;
    }
    void setText(const char* name, const std::string& value) {
        Message message;
        message.check(epp_force_data_set_text(data, name, value.c_str(), message.text, sizeof message.text));
    }
    long long getInteger(const char* name) const { return epp_force_data_integer(data, name); }
    void setInteger(const char* name, long long value) {
        Message message;
        message.check(epp_force_data_set_integer(data, name, value, message.text, sizeof message.text));
    }

    epp_force_data* data;
};

} // namespace freeland

#endif // FREELAND_EPP_FORCE_H
