// What an EppForce is made of: epp_force_data of epp_openmm.h.
#pragma once

#include <atomic>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "epp_openmm.h"

struct epp_force_data {
    std::string plugin, config = "{}", searchPath, sha256, folder;
    std::vector<int32_t> particles;
    std::map<std::string, double> parameters;
    int64_t periodic = EPP_FORCE_AS_PLUGIN, failure = EPP_FORCE_THROWS, isolation = EPP_FORCE_IN_PROCESS;
    int64_t threads = 0, timeLimit = 0, memory = 0, confinement = EPP_FORCE_BEST_EFFORT;
    /// What no document grants.
    std::string writable;
    int64_t trustWritable = 0;

    /// A text or a number by its name. Throws OpenMMException where there is none.
    const std::string& text(const std::string& name) const;
    int64_t integer(const std::string& name) const;
    void setText(const std::string& name, const std::string& value);
    /// Throws OpenMMException where the number makes no sense.
    void setInteger(const std::string& name, int64_t value);
    void setParameter(const std::string& name, double value);
    /// Whether it is periodic; the first time, the plugin is opened to tell. Throws OpenMMException.
    bool isPeriodic() const;

private:
    /// A number that is copied with what it belongs to. -1: not asked yet.
    struct Answer {
        std::atomic<int> value{-1};
        Answer() = default;
        Answer(const Answer& other) : value(other.value.load()) {}
    };
    mutable Answer pluginIsPeriodic;
};
