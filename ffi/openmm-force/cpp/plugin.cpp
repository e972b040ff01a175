#include "plugin.h"

#include "openmm/OpenMMException.h"
#include "own_folder.h"

using OpenMM::OpenMMException;

namespace freeland {

namespace {

constexpr uint64_t MESSAGE = 8192;

freeland_text text(const std::string& value) {
    return {value.data(), value.size()};
}

} // namespace

std::string prefix(const std::string& plugin) {
    return "EppForce over '" + plugin + "': ";
}

Plugin::Plugin(const epp_force_data& data) {
    char message[MESSAGE];
    freeland_settings settings;
    settings.plugin = text(data.plugin);
    settings.config = text(data.config);
    settings.search_path = text(data.searchPath);
    settings.sha256 = text(data.sha256);
    settings.folder = text(data.folder);
    settings.own_folder = text(ownFolder());
    settings.writable = text(data.writable);
    settings.time_limit_ms = static_cast<uint64_t>(data.timeLimit);
    settings.threads = static_cast<uint32_t>(data.threads);
    settings.memory = static_cast<uint64_t>(data.memory);
    settings.in_worker = data.isolation == EPP_FORCE_WORKER;
    settings.confinement_required = data.confinement == EPP_FORCE_REQUIRED;
    settings.trust_writable = data.trustWritable != 0;
    instance.reset(freeland_openmm_open(&settings, &facts, {message, sizeof message}));
    if (instance == nullptr)
        throw OpenMMException(prefix(data.plugin) + message);
}

std::vector<std::pair<std::string, double>> Plugin::parameters() const {
    std::vector<std::pair<std::string, double>> all;
    for (uint64_t index = 0; index < facts.parameters; index++) {
        double value = 0.0;
        const char* name = freeland_openmm_parameter(instance.get(), index, &value);
        all.emplace_back(name, value);
    }
    return all;
}

std::string Plugin::evaluate(const double* positions, const double* box, const double* parameters, double& energy,
                             double* gradient) const {
    char message[MESSAGE];
    switch (freeland_openmm_evaluate(instance.get(), positions, box, parameters, &energy, gradient,
                                     {message, sizeof message})) {
    case FREELAND_DONE:
        return {};
    case FREELAND_CONFIGURATION_FAILED:
        return message;
    default:
        throw OpenMMException(message);
    }
}

} // namespace freeland
