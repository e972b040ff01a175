// What epp_openmm.h promises to C. Nothing throws out of here.
#include <algorithm>
#include <cstring>
#include <cstddef>
#include <exception>
#include <iterator>
#include <memory>
#include <string>

#include "EppForce.h"
#include "force_impl.h"
#include "seam.h"
#include "serialization.h"

using OpenMM::OpenMMException;
using freeland::EppForce;

namespace {

/// Copies as much of `text` as fits.
void copy(const std::string& text, char* to, uint64_t capacity) {
    if (to == nullptr || capacity == 0)
        return;
    const uint64_t length = std::min<uint64_t>(text.size(), capacity - 1);
    std::memcpy(to, text.data(), length);
    to[length] = '\0';
}

/// Calls `work`; whatever it throws becomes a sentence in `error` and `failed`.
template <class Work, class Result>
Result guarded(char* error, uint64_t capacity, Result failed, Work work) {
    try {
        return work();
    } catch (const std::exception& exception) {
        copy(exception.what(), error, capacity);
    } catch (...) {
        copy("EppForce: an exception of an unknown type", error, capacity);
    }
    return failed;
}

std::string orEmpty(const char* text) {
    return text == nullptr ? "" : text;
}

std::unique_ptr<EppForce> make(const void* given) {
    if (given == nullptr)
        throw OpenMMException("EppForce: the options are NULL");
    epp_force_options options = {};
    uint64_t size = 0;
    std::memcpy(&size, given, sizeof size);
    if (size < sizeof size || size > 4096)
        throw OpenMMException("EppForce: struct_size of the options is " + std::to_string(size) +
                              ", expected sizeof(epp_force_options)");
    std::memcpy(&options, given, std::min<uint64_t>(size, sizeof options));
    if (orEmpty(options.plugin).empty())
        throw OpenMMException("EppForce: the options name no plugin");
    auto force = std::make_unique<EppForce>(options.plugin, options.config == nullptr ? "{}" : options.config);
    epp_force_data& data = *force->getData();
    data.searchPath = orEmpty(options.search_path);
    data.sha256 = orEmpty(options.sha256);
    data.folder = orEmpty(options.folder);
    data.writable = orEmpty(options.writable);
    if (options.name != nullptr)
        force->setName(options.name);
    if (options.particle_count != 0 && options.particles == nullptr)
        throw OpenMMException("EppForce: particle_count is not 0, but particles is NULL");
    data.particles.assign(options.particles, options.particles + options.particle_count);
    if (options.parameter_count != 0 && (options.parameter_names == nullptr || options.parameter_values == nullptr))
        throw OpenMMException("EppForce: parameter_count is not 0, but parameter_names or parameter_values is NULL");
    for (uint64_t index = 0; index < options.parameter_count; index++)
        data.setParameter(orEmpty(options.parameter_names[index]), options.parameter_values[index]);
    force->setForceGroup(options.force_group);
    data.setInteger("periodic", options.periodic);
    data.setInteger("failure", options.failure);
    data.setInteger("threads", options.threads);
    data.setInteger("isolation", options.isolation);
    data.setInteger("timeLimit", static_cast<int64_t>(options.time_limit_ms));
    data.setInteger("memory", static_cast<int64_t>(options.memory));
    data.setInteger("confinement", options.confinement);
    data.setInteger("trustWritable", options.trust_writable);
    return force;
}

epp_force_data& of(void* data) {
    if (data == nullptr)
        throw OpenMMException("EppForce: the data are NULL");
    return *static_cast<epp_force_data*>(data);
}

const epp_force_data& of(const void* data) {
    return of(const_cast<void*>(data));
}

} // namespace

extern "C" {

void* freeland_shim_create(const void* options, char* error, uint64_t capacity) {
    return guarded(error, capacity, static_cast<void*>(nullptr),
                   [&]() -> void* { return static_cast<OpenMM::Force*>(make(options).release()); });
}

int32_t freeland_shim_check(const void* options, char* error, uint64_t capacity) {
    return guarded(error, capacity, int32_t(1), [&]() -> int32_t {
        const std::unique_ptr<EppForce> force = make(options);
        const freeland::EppForceImpl checked(*force, *force->getData());
        return 0;
    });
}

uint64_t freeland_shim_xml(const void* options, char* xml, uint64_t capacity, char* error, uint64_t error_capacity) {
    return guarded(error, error_capacity, uint64_t(0), [&]() -> uint64_t {
        const std::unique_ptr<EppForce> force = make(options);
        const std::string text = freeland::xml(*force);
        copy(text, xml, capacity);
        return text.size() + 1;
    });
}

void* freeland_shim_data_of(void* force) {
    const auto* ours = dynamic_cast<const EppForce*>(static_cast<OpenMM::Force*>(force));
    return ours == nullptr ? nullptr : ours->getData();
}

const char* freeland_shim_data_text(const void* data, const char* name) {
    return guarded(nullptr, 0, "", [&] { return of(data).text(orEmpty(name)).c_str(); });
}

int32_t freeland_shim_data_set_text(void* data, const char* name, const char* value, char* error, uint64_t capacity) {
    return guarded(error, capacity, int32_t(1), [&]() -> int32_t {
        of(data).setText(orEmpty(name), orEmpty(value));
        return 0;
    });
}

int64_t freeland_shim_data_integer(const void* data, const char* name) {
    return guarded(nullptr, 0, int64_t(0), [&] { return of(data).integer(orEmpty(name)); });
}

int32_t freeland_shim_data_set_integer(void* data, const char* name, int64_t value, char* error, uint64_t capacity) {
    return guarded(error, capacity, int32_t(1), [&]() -> int32_t {
        of(data).setInteger(orEmpty(name), value);
        return 0;
    });
}

uint64_t freeland_shim_data_particles(const void* data, const int32_t** indices) {
    return guarded(nullptr, 0, uint64_t(0), [&]() -> uint64_t {
        const std::vector<int32_t>& particles = of(data).particles;
        if (indices != nullptr)
            *indices = particles.data();
        return particles.size();
    });
}

int32_t freeland_shim_data_set_particles(void* data, const int32_t* indices, uint64_t count, char* error,
                                         uint64_t capacity) {
    return guarded(error, capacity, int32_t(1), [&]() -> int32_t {
        if (count != 0 && indices == nullptr)
            throw OpenMMException("EppForce: the number of particles is not 0, but their indices are NULL");
        of(data).particles.assign(indices, indices + count);
        return 0;
    });
}

const char* freeland_shim_data_parameter(const void* data, uint64_t index, double* value) {
    return guarded(nullptr, 0, static_cast<const char*>(nullptr), [&]() -> const char* {
        const auto& parameters = of(data).parameters;
        if (index >= parameters.size())
            return nullptr;
        const auto found = std::next(parameters.begin(), static_cast<std::ptrdiff_t>(index));
        if (value != nullptr)
            *value = found->second;
        return found->first.c_str();
    });
}

int32_t freeland_shim_data_set_parameter(void* data, const char* name, double value, char* error, uint64_t capacity) {
    return guarded(error, capacity, int32_t(1), [&]() -> int32_t {
        of(data).setParameter(orEmpty(name), value);
        return 0;
    });
}

void* freeland_shim_data_new() {
    return guarded(nullptr, 0, static_cast<void*>(nullptr), []() -> void* {
        freeland_shim_register();
        return new epp_force_data();
    });
}

void* freeland_shim_data_copy(const void* data) {
    return guarded(nullptr, 0, static_cast<void*>(nullptr), [&]() -> void* { return new epp_force_data(of(data)); });
}

void freeland_shim_data_delete(void* data) {
    delete static_cast<epp_force_data*>(data);
}

int32_t freeland_shim_data_is_periodic(const void* data, char* error, uint64_t capacity) {
    return guarded(error, capacity, int32_t(-1), [&]() -> int32_t { return of(data).isPeriodic(); });
}

void* freeland_shim_data_impl(const void* data, const void* force, char* error, uint64_t capacity) {
    return guarded(error, capacity, static_cast<void*>(nullptr), [&]() -> void* {
        return static_cast<OpenMM::ForceImpl*>(
            new freeland::EppForceImpl(*static_cast<const OpenMM::Force*>(force), of(data)));
    });
}
}
