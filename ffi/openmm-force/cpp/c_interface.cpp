// What epp_openmm.h promises to C. Nothing throws out of here.
#include <algorithm>
#include <cstring>
#include <exception>
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

int choice(const char* name, int value, int most) {
    if (value < 0 || value > most)
        throw OpenMMException(std::string("EppForce: ") + name + " is " + std::to_string(value) + ", expected 0 to " +
                              std::to_string(most));
    return value;
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
    force->setSearchPath(orEmpty(options.search_path));
    force->setSha256(orEmpty(options.sha256));
    if (options.name != nullptr)
        force->setName(options.name);
    if (options.particle_count != 0 && options.particles == nullptr)
        throw OpenMMException("EppForce: particle_count is not 0, but particles is NULL");
    force->setParticles(std::vector<int>(options.particles, options.particles + options.particle_count));
    if (options.parameter_count != 0 && (options.parameter_names == nullptr || options.parameter_values == nullptr))
        throw OpenMMException("EppForce: parameter_count is not 0, but parameter_names or parameter_values is NULL");
    for (uint64_t index = 0; index < options.parameter_count; index++)
        force->setDefaultParameter(orEmpty(options.parameter_names[index]), options.parameter_values[index]);
    force->setForceGroup(options.force_group);
    force->setPeriodicity(static_cast<EppForce::Periodicity>(choice("periodic", options.periodic, 2)));
    force->setIsolation(static_cast<EppForce::Isolation>(choice("isolation", options.isolation, 1)));
    force->setTrustWritable(choice("trust_writable", options.trust_writable, 1) != 0);
    return force;
}

const EppForce& of(const void* force) {
    return dynamic_cast<const EppForce&>(*static_cast<const OpenMM::Force*>(force));
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
        const freeland::EppForceImpl checked(*force);
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

uint32_t freeland_shim_layout() {
    return EPP_FORCE_LAYOUT;
}

void* freeland_shim_impl(const void* force, char* error, uint64_t capacity) {
    return guarded(error, capacity, static_cast<void*>(nullptr),
                   [&]() -> void* { return static_cast<OpenMM::ForceImpl*>(new freeland::EppForceImpl(of(force))); });
}

int32_t freeland_shim_is_periodic(const void* force, char* error, uint64_t capacity) {
    return guarded(error, capacity, int32_t(-1),
                   [&]() -> int32_t { return freeland::Plugin(of(force)).facts.periodic != 0; });
}
}
