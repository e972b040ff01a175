#include "force_data.h"

#include <limits>

#include "openmm/OpenMMException.h"
#include "plugin.h"

using OpenMM::OpenMMException;

namespace {

/// A number by its name, and the largest that it may be. Zero is the smallest of all.
struct Number {
    const char* name;
    int64_t epp_force_data::*member;
    int64_t most;
};

constexpr int64_t ANY = std::numeric_limits<int64_t>::max();

const Number NUMBERS[] = {
    {"periodic", &epp_force_data::periodic, EPP_FORCE_NOT_PERIODIC},
    {"failure", &epp_force_data::failure, EPP_FORCE_NAN},
    {"isolation", &epp_force_data::isolation, EPP_FORCE_WORKER},
    {"threads", &epp_force_data::threads, std::numeric_limits<uint32_t>::max()},
    {"timeLimit", &epp_force_data::timeLimit, ANY},
    {"memory", &epp_force_data::memory, ANY},
    {"confinement", &epp_force_data::confinement, EPP_FORCE_REQUIRED},
    {"trustWritable", &epp_force_data::trustWritable, 1},
};

const Number& number(const std::string& name) {
    for (const Number& known : NUMBERS)
        if (name == known.name)
            return known;
    throw OpenMMException("EppForce has no number '" + name + "'");
}

std::string epp_force_data::*textMember(const std::string& name) {
    static const std::map<std::string, std::string epp_force_data::*> TEXTS = {
        {"plugin", &epp_force_data::plugin},         {"config", &epp_force_data::config},
        {"searchPath", &epp_force_data::searchPath}, {"sha256", &epp_force_data::sha256},
        {"folder", &epp_force_data::folder},         {"writable", &epp_force_data::writable},
    };
    const auto found = TEXTS.find(name);
    if (found == TEXTS.end())
        throw OpenMMException("EppForce has no text '" + name + "'");
    return found->second;
}

} // namespace

const std::string& epp_force_data::text(const std::string& name) const {
    return this->*textMember(name);
}

void epp_force_data::setText(const std::string& name, const std::string& value) {
    this->*textMember(name) = value;
    pluginIsPeriodic.value = -1;
}

int64_t epp_force_data::integer(const std::string& name) const {
    return this->*number(name).member;
}

void epp_force_data::setInteger(const std::string& name, int64_t value) {
    const Number& known = number(name);
    if (value < 0 || value > known.most)
        throw OpenMMException("EppForce: " + name + " is " + std::to_string(value) + ", expected " +
                              (known.most == ANY ? "0 or more" : "0 to " + std::to_string(known.most)));
    this->*known.member = value;
}

void epp_force_data::setParameter(const std::string& name, double value) {
    // XML separates names by line feeds.
    if (name.empty() || name.find('\n') != std::string::npos)
        throw OpenMMException("EppForce: '" + name + "' is no name of a parameter");
    parameters[name] = value;
}

bool epp_force_data::isPeriodic() const {
    if (periodic != EPP_FORCE_AS_PLUGIN)
        return periodic == EPP_FORCE_PERIODIC;
    if (pluginIsPeriodic.value < 0)
        pluginIsPeriodic.value = freeland::Plugin(*this).facts.periodic != 0;
    return pluginIsPeriodic.value != 0;
}
