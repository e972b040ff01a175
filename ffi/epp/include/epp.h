/* SPDX-License-Identifier: MIT OR Apache-2.0
 *
 * epp.h - the energy-plugin C ABI, version 1.0
 *
 * An energy plugin computes the potential energy, and its gradient, of batches of configurations. It is a shared
 * library that exports one data symbol, `epp_plugin_entry`, and links nothing of the host. Copy this file into your
 * project; it needs C99 and <stdint.h>, nothing else.
 *
 * Rules that hold throughout
 *  - Units: nanometre, kJ/mol, ps, elementary charge, dalton. The gradient is +dE/dx, in kJ/mol/nm (a force is its
 *    negative). A potential without units says EPP_UNITS_REDUCED; lengths and energies are then its own.
 *  - Every struct begins with `struct_size`, set by the side that fills the struct to its own sizeof. A reader uses
 *    no more than min(struct_size, its own sizeof); a field beyond that reads as zero, which means "not provided".
 *    Fields are only ever appended.
 *  - Functions return 0 (EPP_OK) or an EPP_E_* code and then write a sentence into the caller's epp_error. Outputs
 *    are untouched where a function fails, except those of evaluate (see there).
 *  - No C++ exception, panic or longjmp may leave a plugin function.
 *  - Text is UTF-8 and NUL-terminated. Text that a plugin returns stays valid for as long as the object that returned
 *    it; descriptor text for the life of the process.
 *  - A plugin leaves the process alone: signals, locale, floating-point environment, working directory, environment
 *    variables and standard output.
 *  - The host never unloads a library.
 */
#ifndef EPP_H
#define EPP_H

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#if defined(_WIN32)
#define EPP_EXPORT __declspec(dllexport)
#else
#define EPP_EXPORT __attribute__((visibility("default")))
#endif

/* The bytes "eppA" read as a little-endian integer. */
#define EPP_MAGIC 0x41707065u
/* Hosts load a plugin if and only if the majors are equal. A larger minor is compatible in both directions. */
#define EPP_ABI_MAJOR 1u
#define EPP_ABI_MINOR 0u

/* Return codes of functions. Never renumbered. */
#define EPP_OK 0
#define EPP_E_INVALID_ARGUMENT 1 /* a pointer, size or index that the contract forbids */
#define EPP_E_UNKNOWN_ID 2       /* create: no potential has this id */
#define EPP_E_BAD_CONFIG 3       /* create: the configuration was refused; the message names the key */
#define EPP_E_UNSUPPORTED 4      /* understood, but this plugin cannot do it */
#define EPP_E_OUT_OF_MEMORY 5
#define EPP_E_INTERNAL 6         /* a bug in the plugin, a caught panic or exception among them */

/* Status of one configuration of a batch. Never renumbered. */
#define EPP_SAMPLE_OK 0
#define EPP_SAMPLE_NON_FINITE_INPUT 1
#define EPP_SAMPLE_OUTSIDE_DOMAIN 2
#define EPP_SAMPLE_ENERGY_NOT_FINITE 3
#define EPP_SAMPLE_GRADIENT_NOT_FINITE 4
#define EPP_SAMPLE_NOT_CONVERGED 5
#define EPP_SAMPLE_OUT_OF_MEMORY 6
#define EPP_SAMPLE_CANCELLED 7
#define EPP_SAMPLE_INTERNAL 8

/* epp_descriptor.thread_model */
#define EPP_THREADS_AFFINE 1u     /* an instance is created, used and destroyed on one thread */
#define EPP_THREADS_SERIAL 2u     /* an instance is used from any thread, one call at a time */
#define EPP_THREADS_CONCURRENT 3u /* evaluate may run on one instance from many threads at once */

/* epp_descriptor.determinism */
#define EPP_DETERMINISM_NONE 0u
#define EPP_DETERMINISM_RUN_TO_RUN 1u /* the same batch gives the same bits again */
#define EPP_DETERMINISM_BITWISE 2u    /* and a configuration's bits do not depend on its batch or thread */

/* epp_info.withdrawn, a set */
#define EPP_WITHDRAWN_DETERMINISM 1u /* as if the descriptor said EPP_DETERMINISM_NONE */
#define EPP_WITHDRAWN_SYMMETRIES 2u  /* as if the descriptor named none */

/* epp_descriptor.dtypes, a set; epp_batch.dtype, one of them */
#define EPP_DTYPE_F64 1u
#define EPP_DTYPE_F32 2u

/* epp_descriptor.symmetries, a set: what leaves the energy unchanged */
#define EPP_SYMMETRY_TRANSLATION 1u
#define EPP_SYMMETRY_ROTATION 2u
#define EPP_SYMMETRY_INVERSION 4u
#define EPP_SYMMETRY_PERMUTATION 8u /* of atoms that topology does not tell apart */

/* epp_descriptor.units */
#define EPP_UNITS_MD 0u      /* nm, kJ/mol */
#define EPP_UNITS_REDUCED 1u /* the potential's own; the energy is usually in kT */

/* epp_batch.want, a set */
#define EPP_WANT_ENERGY 1u
#define EPP_WANT_GRADIENT 2u

/* Levels of epp_host.log */
#define EPP_LOG_ERROR 1u
#define EPP_LOG_WARNING 2u
#define EPP_LOG_INFO 3u
#define EPP_LOG_DEBUG 4u

/* A buffer of the caller's for one sentence. The callee writes at most `capacity` bytes, the final NUL included, and
 * cuts longer text. `text` may be NULL (then nothing is written); any epp_error pointer may itself be NULL. */
typedef struct epp_error {
  uint64_t struct_size;
  char *text;
  uint64_t capacity;
} epp_error;

/* What the host offers. The struct and its text stay valid until the last deinit: with several hosts in one process a
 * plugin cannot tell whose deinit it sees, and may call any of them until then. */
typedef struct epp_host {
  uint64_t struct_size;
  const char *name;    /* "freeland" */
  const char *version; /* of the host program */
  void *context;       /* handed back to the callbacks */
  /* Any thread, any time between init and deinit. May be NULL. */
  void (*log)(void *context, uint32_t level, const char *text);
  /* NULL if the host does not know the id. May be NULL itself. */
  const void *(*extension)(void *context, const char *id);
} epp_host;

/* One molecule or model. Pointers may be NULL and counts 0 where the fact is unknown. Arrays belong to whoever filled
 * the struct. */
typedef struct epp_topology {
  uint64_t struct_size;
  uint64_t atoms;
  uint64_t bonds;                 /* number of pairs in bond_atoms */
  const uint32_t *atomic_numbers; /* [atoms] */
  const double *masses;           /* [atoms] Da */
  const double *charges;          /* [atoms] e */
  const char *const *atom_names;  /* [atoms] PDB names: "CA" */
  const uint32_t *residues;       /* [atoms] residue index, from 0 */
  const char *const *residue_names; /* [atoms] the name of the atom's residue: "ALA" */
  const uint32_t *bond_atoms;     /* [bonds][2] atom indices, from 0 */
  uint32_t periodic;              /* bit k set: periodic along box row k */
  uint32_t reserved;
  const double *positions;        /* [atoms][3] nm: a configuration to start from, of low energy if possible */
  const double *box;              /* [3][3] rows, nm: the box of the molecule where a caller names no other */
} epp_topology;

/* A potential that the library offers. Static: the pointer and all text live as long as the process. */
typedef struct epp_descriptor {
  uint64_t struct_size;
  const char *id;                 /* kebab-case, stable across versions: "mueller-brown" */
  const char *name;               /* for people: "Mueller-Brown potential" */
  const char *version;            /* semantic version of this potential */
  const char *vendor;             /* NULL or text, like the four that follow */
  const char *license;
  const char *url;
  const char *citation;
  const char *config_schema_json; /* JSON Schema of create's config_json; NULL: any object */
  uint32_t thread_model;          /* EPP_THREADS_* */
  uint32_t determinism;           /* EPP_DETERMINISM_* */
  uint32_t dtypes;                /* set of EPP_DTYPE_*; F64 at least */
  uint32_t symmetries;            /* set of EPP_SYMMETRY_* */
  uint32_t units;                 /* EPP_UNITS_* */
  uint32_t flags;                 /* 0 in version 1 */
  const char *const *required_extensions; /* NULL-terminated list of host extension ids, or NULL */
} epp_descriptor;

/* Facts of one created instance. */
typedef struct epp_info {
  uint64_t struct_size;
  uint64_t atoms;           /* >= 1 */
  uint64_t max_batch;       /* the largest count that evaluate takes; 0: no limit */
  uint64_t preferred_batch; /* counts that are a multiple of it are fastest; 0: no preference */
  uint32_t dimensions;      /* coordinates per atom: 3; 1 or 2 for toys */
  uint32_t periodic;        /* bit k set: needs a box, periodic along row k */
  double cutoff_nm;         /* interactions end here; 0: no cutoff */
  uint32_t withdrawn;       /* set of EPP_WITHDRAWN_*: what the descriptor promises and this instance does not */
  uint32_t reserved;        /* 0 */
} epp_info;

/* One call's work: `count` configurations. All buffers are the caller's, may not overlap, and are aligned to their
 * element. Strides are in elements (not bytes) from one configuration to the next; 0 means "packed" for positions and
 * gradients and "the same for every configuration" for box and parameters; another stride is at least a row long.
 * Inside a configuration the layout is [atoms][dimensions]. */
typedef struct epp_batch {
  uint64_t struct_size;
  uint64_t count;           /* may be 0 */
  uint32_t dtype;           /* EPP_DTYPE_* of positions and gradients; one that the descriptor names */
  uint32_t want;            /* set of EPP_WANT_*; never 0 */
  const void *positions;    /* [count] x [atoms][dimensions], nm */
  uint64_t position_stride; /* elements */
  const double *box;        /* NULL or [count] x [3][3] rows, nm */
  uint64_t box_stride;      /* elements */
  const double *parameters; /* NULL or [count] x [names], in the order of epp.parameters/1 */
  uint64_t parameter_stride;
  double *energies;         /* [count] kJ/mol; NULL unless EPP_WANT_ENERGY */
  void *gradients;          /* [count] x [atoms][dimensions] kJ/mol/nm; NULL unless EPP_WANT_GRADIENT */
  uint64_t gradient_stride; /* elements */
  int32_t *statuses;        /* [count] EPP_SAMPLE_*; always written, also where evaluate fails */
  /* NULL, or non-zero from some moment on: stop soon, EPP_SAMPLE_CANCELLED for the rest. */
  const volatile uint32_t *cancel;
  uint64_t deadline_ns;     /* CLOCK_MONOTONIC time by which to stop likewise; 0: none */
  uint64_t seed;            /* for potentials that draw random numbers; others ignore it */
} epp_batch;

/* One instance. The struct belongs to the plugin, from create until destroy. */
typedef struct epp_potential {
  uint64_t struct_size;
  void *self;
  /* Fills as much of *info as info->struct_size (set by the caller) allows, and sets it to what was filled. */
  int32_t (*info)(void *self, epp_info *info, epp_error *error);
  /* Evaluates a batch. A configuration whose status is not 0 has energy NaN and a gradient of zeros, and does not
   * affect the others. Returns non-zero only where the call itself could not be done (a forbidden argument, say, or a
   * bug of the plugin): `statuses` are written then too, EPP_SAMPLE_INTERNAL for what was not finished, and energies
   * and gradients of configurations with such a status mean nothing.
   * Threads: as thread_model declares. */
  int32_t (*evaluate)(void *self, const epp_batch *batch, epp_error *error);
  /* An extension table of this instance, or NULL. The function itself may be NULL. */
  const void *(*extension)(void *self, const char *id);
  void (*destroy)(void *self);
} epp_potential;

/* The one exported symbol. */
typedef struct epp_entry {
  uint64_t struct_size;
  uint32_t magic;     /* EPP_MAGIC, compared before anything is called */
  uint32_t abi_major; /* EPP_ABI_MAJOR */
  uint32_t abi_minor; /* EPP_ABI_MINOR */
  uint32_t reserved;  /* 0 */
  /* Counted: each init that succeeds is followed by one deinit. Any thread. Must come before all calls below. */
  int32_t (*init)(const epp_host *host, epp_error *error);
  void (*deinit)(void);
  /* The potentials of this library. Any thread. */
  uint32_t (*count)(void);
  const epp_descriptor *(*descriptor)(uint32_t index); /* NULL beyond count */
  /* Creates an instance. `config_json`: an object, NULL means {}. `topology`: what the host knows of the molecule, may
   * be NULL. Any thread. */
  int32_t (*create)(const char *id, const char *config_json, const epp_topology *topology, epp_potential **out,
                    epp_error *error);
  /* An extension table of the library, or NULL. May be NULL itself. */
  const void *(*extension)(const char *id);
} epp_entry;

/* Define it in C as `const epp_entry epp_plugin_entry = {...};`, in C++ inside extern "C". */
extern EPP_EXPORT const epp_entry epp_plugin_entry;

/* ---- Extensions of an instance, version 1. Ids carry their version; a table is never changed, only succeeded. ---- */

/* The plugin tells its molecule. */
#define EPP_EXT_TOPOLOGY "epp.topology/1"
typedef struct epp_topology_extension {
  uint64_t struct_size;
  /* Fills as much of *out as out->struct_size (set by the caller) allows, and sets it to what was filled; arrays live
   * as long as the instance. */
  int32_t (*topology)(void *self, epp_topology *out, epp_error *error);
} epp_topology_extension;

/* Energy terms by name. Their sum is the energy. */
#define EPP_EXT_COMPONENTS "epp.components/1"
typedef struct epp_components_extension {
  uint64_t struct_size;
  uint64_t (*count)(void *self);
  const char *(*name)(void *self, uint64_t index); /* NULL beyond count; lives as long as the instance */
  /* As evaluate, but writes `terms`, [batch->count] x [count] kJ/mol, in place of energies and gradients; these and
   * `want` are not looked at. A configuration whose status is not 0 has NaN terms. */
  int32_t (*evaluate)(void *self, const epp_batch *batch, double *terms, epp_error *error);
} epp_components_extension;

/* Global parameters that a caller may vary from call to call, by epp_batch.parameters. */
#define EPP_EXT_PARAMETERS "epp.parameters/1"
typedef struct epp_parameters_extension {
  uint64_t struct_size;
  uint64_t (*count)(void *self);
  const char *(*name)(void *self, uint64_t index);
  double (*default_value)(void *self, uint64_t index);
} epp_parameters_extension;

/* The derivative of the energy by a strain, for barostats: positions and box rows alike become r (1 + strain), and
 * virials[i][j] is dE/d(strain[i][j]) at strain 0. Without a box that is the sum over atoms of r[i] (dE/dr[j]); with one,
 * the sum over what interacts of d[i] (dE/dd[j]), d being the distance that counts. In fewer than three dimensions the
 * rest is 0. */
#define EPP_EXT_VIRIAL "epp.virial/1"
typedef struct epp_virial_extension {
  uint64_t struct_size;
  /* As evaluate, and writes `virials`, [batch->count] x [3][3] kJ/mol, too. A configuration whose status is not 0 has a
   * NaN virial. */
  int32_t (*evaluate)(void *self, const epp_batch *batch, double *virials, epp_error *error);
} epp_virial_extension;

/* Configurations with known energies, for testers. */
#define EPP_EXT_REFERENCE "epp.reference/1"
typedef struct epp_reference_extension {
  uint64_t struct_size;
  uint64_t (*count)(void *self);
  /* `positions`: [atoms][dimensions], written by the callee; `energy` and its relative `tolerance` likewise. */
  int32_t (*sample)(void *self, uint64_t index, double *positions, double *energy, double *tolerance, epp_error *error);
} epp_reference_extension;

/* "epp.dlpack/1" is reserved for batches that lie in the memory of a device. It has no table yet: no host of version 1.0
 * asks for it, every buffer of an epp_batch is memory that the CPU reads and writes, and a plugin that computes on a
 * device copies. Return NULL for it. */

#ifdef __cplusplus
}
#endif

#endif /* EPP_H */
