// What the C++ half calls of the Rust half. Nothing unwinds across.
#pragma once

#include <cstdint>

extern "C" {

/// What a plugin is opened with. Texts are given by their length; they may hold anything.
struct freeland_text {
    const char* bytes;
    uint64_t length;
};
struct freeland_settings {
    freeland_text plugin, config, search_path, sha256;
    /// The folder of libepp_openmm, searched last.
    freeland_text own_folder;
    int32_t in_worker, trust_writable;
};

/// What an opened plugin tells.
struct freeland_facts {
    uint64_t atoms, parameters, bonds;
    uint32_t dimensions, periodic;
    /// [bonds][2] atoms; lives as long as the instance.
    const uint32_t* bond_atoms;
};

/// A sentence goes here where a function fails.
struct freeland_message {
    char* text;
    uint64_t capacity;
};

struct freeland_instance;

/// NULL: failed.
freeland_instance* freeland_openmm_open(const freeland_settings* settings, freeland_facts* facts, freeland_message message);
void freeland_openmm_close(freeland_instance* instance);
/// The name and the default value of a parameter; lives as long as the instance.
const char* freeland_openmm_parameter(const freeland_instance* instance, uint64_t index, double* value);
/// Energy and gradient of one configuration, [atoms][dimensions]. `box`: 9 numbers or NULL. `parameters`: one of each or
/// NULL. 0: done; any other value: failed, with a sentence.
int32_t freeland_openmm_evaluate(const freeland_instance* instance, const double* positions, const double* box,
                                 const double* parameters, double* energy, double* gradient, freeland_message message);

// What the Rust half passes on to C++, because only its own symbols leave the library.
void freeland_shim_register();
void* freeland_shim_create(const void* options, char* error, uint64_t capacity);
int32_t freeland_shim_check(const void* options, char* error, uint64_t capacity);
uint64_t freeland_shim_xml(const void* options, char* xml, uint64_t capacity, char* error, uint64_t error_capacity);
uint32_t freeland_shim_layout();
void* freeland_shim_impl(const void* force, char* error, uint64_t capacity);
int32_t freeland_shim_is_periodic(const void* force, char* error, uint64_t capacity);
}
