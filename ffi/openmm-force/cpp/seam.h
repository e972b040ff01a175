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
    /// What relative paths in the configuration start from; empty: the working folder.
    freeland_text folder;
    /// The folder of libepp_openmm, searched last.
    freeland_text own_folder;
    /// Of a worker: where it may write, separated by colons; and its limits, 0 for those of every host.
    freeland_text writable;
    uint64_t time_limit_ms, memory;
    /// 0: as many as there are.
    uint32_t threads;
    int32_t in_worker, trust_writable, confinement_required;
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
/// What freeland_openmm_evaluate answers; but for FREELAND_DONE, with a sentence.
enum : int32_t { FREELAND_DONE = 0, FREELAND_CALL_FAILED = 1, FREELAND_CONFIGURATION_FAILED = 2 };
/// Energy and gradient of one configuration, [atoms][dimensions]. `box`: 9 numbers or NULL. `parameters`: one of each or
/// NULL.
int32_t freeland_openmm_evaluate(const freeland_instance* instance, const double* positions, const double* box,
                                 const double* parameters, double* energy, double* gradient, freeland_message message);
/// Logs a warning of this library's own.
void freeland_openmm_warn(const char* text);

// What the Rust half passes on to C++, because only its own symbols leave the library: the functions of epp_openmm.h.
void freeland_shim_register();
void* freeland_shim_create(const void* options, char* error, uint64_t capacity);
int32_t freeland_shim_check(const void* options, char* error, uint64_t capacity);
uint64_t freeland_shim_xml(const void* options, char* xml, uint64_t capacity, char* error, uint64_t error_capacity);
void* freeland_shim_data_of(void* force);
const char* freeland_shim_data_text(const void* data, const char* name);
int32_t freeland_shim_data_set_text(void* data, const char* name, const char* value, char* error, uint64_t capacity);
int64_t freeland_shim_data_integer(const void* data, const char* name);
int32_t freeland_shim_data_set_integer(void* data, const char* name, int64_t value, char* error, uint64_t capacity);
uint64_t freeland_shim_data_particles(const void* data, const int32_t** indices);
int32_t freeland_shim_data_set_particles(void* data, const int32_t* indices, uint64_t count, char* error,
                                         uint64_t capacity);
const char* freeland_shim_data_parameter(const void* data, uint64_t index, double* value);
int32_t freeland_shim_data_set_parameter(void* data, const char* name, double value, char* error, uint64_t capacity);
void* freeland_shim_data_new();
void* freeland_shim_data_copy(const void* data);
void freeland_shim_data_delete(void* data);
int32_t freeland_shim_data_is_periodic(const void* data, char* error, uint64_t capacity);
void* freeland_shim_data_impl(const void* data, const void* force, char* error, uint64_t capacity);
}
