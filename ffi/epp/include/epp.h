/* SPDX-License-Identifier: MIT OR Apache-2.0
 *
 * epp.h - the energy-plugin C ABI, version 1.0
 *
 * An energy plugin computes the potential energy, its gradient, and what else it names, of batches of configurations.
 * It is a shared library that exports one data symbol, `epp_plugin_entry`, and links nothing of the host. Copy this
 * file into your project; it needs C99 and <stdint.h>, nothing else. Only 64-bit platforms are served.
 *
 * Rules that hold throughout
 *  - Units: nanometre, kJ/mol, ps, elementary charge, dalton. The gradient is +dE/dx, in kJ/mol/nm (a force is its
 *    negative). A potential without units says EPP_UNITS_REDUCED; lengths and energies are then its own.
 *  - Every struct begins with `struct_size`, set by the side that fills the struct to its own sizeof. A reader uses
 *    no more than min(struct_size, its own sizeof); a field beyond that reads as zero, which means "not provided".
 *    Fields are only ever appended. A function that fills a struct of the caller's writes no more than its
 *    struct_size allows, and sets struct_size to what was filled.
 *  - What is unknown: bits that a reader does not know are ignored in every set, except in those named `required`,
 *    where one unknown bit refuses the whole. An unknown value of an enumeration makes the thing unusable that it
 *    describes (a potential, an output), not its neighbours. An unknown return code or status counts as INTERNAL.
 *  - Functions return 0 (EPP_OK) or an EPP_E_* code and then write a sentence into the caller's epp_error. Outputs
 *    are untouched where a function fails, except those of evaluate (see there).
 *  - Lifetimes: what a caller hands to a function (structs, text, buffers) is the callee's to read until the function
 *    returns and no longer, epp_host excepted. What a plugin hands out lives as long as the object that it belongs to:
 *    descriptors and tables of the library for the life of the process, tables, text and arrays of an instance until
 *    its destroy is called.
 *  - No C++ exception, panic or longjmp may leave a plugin function, and none ends the process or the calling thread.
 *  - Text is UTF-8 and NUL-terminated.
 *  - A plugin leaves the process alone: signals, locale, floating-point environment, working directory, environment
 *    variables and standard output.
 *  - The host never unloads a library. After a fork, the child does not call what the parent created; a plugin need
 *    not survive it.
 *  - Several hosts may use one library in one process (a Python module beside OpenMM): nothing belongs to "the" host.
 */
#ifndef EPP_H
#define EPP_H

#include <stdint.h>

#if UINTPTR_MAX != 0xFFFFFFFFFFFFFFFFu
#error "epp.h describes structs of 64-bit platforms"
#endif

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
/* Hosts load a plugin if and only if the majors are equal. Another minor is compatible in both directions. */
#define EPP_ABI_MAJOR 1u
#define EPP_ABI_MINOR 0u

/* Return codes of functions. Never renumbered. Below 100 the error is of the call: the same instance may be called
 * again. From 100 on it is of the instance: every further call but destroy would fail, and a host makes a new one. */
#define EPP_OK 0
#define EPP_E_INVALID_ARGUMENT 1 /* a pointer, size or index that the contract forbids */
#define EPP_E_UNKNOWN_ID 2       /* create: no potential has this id */
#define EPP_E_BAD_CONFIG 3       /* create: the configuration was refused; the message names the key */
#define EPP_E_UNSUPPORTED 4      /* understood, or a `required` bit that is not, and this plugin cannot do it */
#define EPP_E_OUT_OF_MEMORY 5
#define EPP_E_INTERNAL 6         /* a bug in the plugin, a caught panic or exception among them */
#define EPP_E_BAD_TOPOLOGY 7     /* create, derive: the molecule was refused, or one is needed */
#define EPP_E_LOST 100           /* what the instance rests on (a device, a server, its state) is gone */

/* Status of one configuration of a batch. Never renumbered. */
#define EPP_SAMPLE_OK 0                 /* all that was wanted is written, and finite */
#define EPP_SAMPLE_NON_FINITE_INPUT 1   /* in its positions, its box where one counts, or its parameters */
#define EPP_SAMPLE_OUTSIDE_DOMAIN 2     /* positions, box or parameters for which the energy is not defined */
#define EPP_SAMPLE_ENERGY_NOT_FINITE 3
#define EPP_SAMPLE_GRADIENT_NOT_FINITE 4 /* the gradient, or another output */
#define EPP_SAMPLE_NOT_CONVERGED 5
#define EPP_SAMPLE_OUT_OF_MEMORY 6
#define EPP_SAMPLE_CANCELLED 7          /* only where cancel or the deadline asked for it */
#define EPP_SAMPLE_INTERNAL 8

/* Thread models. Which functions of one instance may run at once: "calls" are evaluate, info, extension and the
 * functions of its extension tables. destroy comes after all of them, on the thread that the model allows. create may
 * run on any thread at any time, with what the models of the potentials involved say of it below. */
#define EPP_THREADS_AFFINE 1u     /* an instance is created, called and destroyed on one thread */
#define EPP_THREADS_SERIAL 2u     /* any thread, one call at a time; other instances may be called meanwhile */
#define EPP_THREADS_CONCURRENT 3u /* any thread, many calls at a time */
#define EPP_THREADS_PROCESS 4u    /* any thread, one call at a time over all instances of this library that say so, create
                                     and destroy included: state that is the process's (Fortran COMMON, an interpreter) */

/* Determinism: which calls give the same bits again, for the same seed */
#define EPP_DETERMINISM_NONE 1u
#define EPP_DETERMINISM_RUN_TO_RUN 2u /* the same batch, in another process too */
#define EPP_DETERMINISM_BITWISE 3u    /* and a configuration's bits do not depend on its batch, its outputs or the thread */

/* A set of number types; epp_batch.dtype and epp_output.dtype are one of them */
#define EPP_DTYPE_F64 1u
#define EPP_DTYPE_F32 2u

/* A set: what leaves the energy unchanged */
#define EPP_SYMMETRY_NONE 1u /* alone: nothing does */
#define EPP_SYMMETRY_TRANSLATION 2u
#define EPP_SYMMETRY_ROTATION 4u /* of a box along with the positions */
#define EPP_SYMMETRY_INVERSION 8u
#define EPP_SYMMETRY_PERMUTATION 16u /* of atoms that topology does not tell apart */

/* Units */
#define EPP_UNITS_MD 1u      /* nm, kJ/mol */
#define EPP_UNITS_REDUCED 2u /* the potential's own; the energy is usually in kT */

/* epp_descriptor.topology: what create does with the molecule that a host knows */
#define EPP_TOPOLOGY_IGNORED 0u
#define EPP_TOPOLOGY_USED 1u   /* taken where it is given */
#define EPP_TOPOLOGY_NEEDED 2u /* create refuses without one (EPP_E_BAD_TOPOLOGY) */

/* epp_info.required, a set that a host must know */
#define EPP_INFO_NO_GRADIENT 1u /* there is none: want holds EPP_WANT_ENERGY alone */
#define EPP_INFO_DISCRETE 2u    /* only certain positions have an energy (spins of +1 and -1); others get status 2 */

/* epp_info.flags, a set that a host may ignore */
#define EPP_FLAG_USES_SEED 1u /* results are draws from a distribution, by epp_batch.seed */

/* epp_batch.want, a set */
#define EPP_WANT_ENERGY 1u
#define EPP_WANT_GRADIENT 2u

/* epp_create.required and epp_batch.required: sets that a plugin must know. A plugin returns EPP_E_UNSUPPORTED for a bit
 * that it does not know. Reserved for later minors, which append the fields that go with them: */
#define EPP_REQUIRED_RAGGED 1u /* configurations of different molecules in one batch */
#define EPP_REQUIRED_DEVICE 2u /* buffers in the memory of a device */
#define EPP_REQUIRED_ASYNC 4u  /* a call that returns before its work is done */

/* Levels of epp_host.log */
#define EPP_LOG_ERROR 1u
#define EPP_LOG_WARNING 2u
#define EPP_LOG_INFO 3u
#define EPP_LOG_DEBUG 4u

/* A buffer of the caller's for one sentence. The callee writes at most `capacity` bytes, the final NUL included, and
 * cuts longer text at a whole character. `text` may be NULL (then nothing is written); any epp_error pointer may itself
 * be NULL. */
typedef struct epp_error {
  uint64_t struct_size;
  char *text;
  uint64_t capacity;
} epp_error;

/* What a host offers to one instance. The struct and its text stay valid until destroy of that instance, and of those
 * derived from it, has returned; a plugin keeps the pointer. */
typedef struct epp_host {
  uint64_t struct_size;
  uint32_t abi_major;  /* EPP_ABI_MAJOR and EPP_ABI_MINOR of the header that the host was built with */
  uint32_t abi_minor;
  const char *name;    /* "freeland" */
  const char *version; /* of the host program */
  void *context;       /* handed back to the callbacks */
  /* From any thread, from create on until destroy returns. May be NULL. */
  void (*log)(void *context, uint32_t level, const char *text);
  /* A table that the host offers, or NULL if it does not know the id; it lives as long as the host. May be NULL. */
  const void *(*extension)(void *context, const char *id);
} epp_host;

/* One molecule or model. Pointers may be NULL and counts 0 where the fact is unknown. Arrays belong to whoever filled
 * the struct. */
typedef struct epp_topology {
  uint64_t struct_size;
  uint64_t atoms;
  uint64_t bonds;                   /* number of pairs in bond_atoms */
  const uint32_t *atomic_numbers;   /* [atoms], 0: unknown */
  const double *masses;             /* [atoms] Da */
  const double *charges;            /* [atoms] e, partial charges */
  const char *const *atom_names;    /* [atoms] PDB names: "CA" */
  const uint32_t *residues;         /* [atoms] residue index, from 0 */
  const char *const *residue_names; /* [atoms] the name of the atom's residue: "ALA" */
  const char *const *residue_numbers; /* [atoms] the number of the atom's residue, with its insertion code: "52A" */
  const char *const *chain_names;   /* [atoms] the name of the atom's chain: "A" */
  const uint32_t *bond_atoms;       /* [bonds][2] atom indices, from 0 */
  const double *bond_orders;        /* [bonds] 1, 1.5 (aromatic), 2, 3; 0: unknown */
  const double *positions;          /* [atoms][3] nm: a configuration to start from, of low energy if possible */
  const double *box;                /* [3][3] rows, nm: the box of the molecule where a caller names no other */
  uint32_t periodic;                /* bit k set: periodic along box row k */
  int32_t total_charge;             /* e */
  uint32_t multiplicity;            /* 2S + 1; 0: neither it nor total_charge is told */
  uint32_t reserved;                /* 0 */
} epp_topology;

/* A potential that the library offers. */
typedef struct epp_descriptor {
  uint64_t struct_size;
  const char *id;                 /* kebab-case, stable across versions: "mueller-brown" */
  const char *name;               /* for people: "Mueller-Brown potential" */
  const char *version;            /* semantic version of this potential */
  const char *vendor;             /* NULL or text, like the four that follow */
  const char *license;
  const char *url;
  const char *citation;
  const char *config_schema_json; /* JSON Schema of epp_create.config_json; NULL: any object */
  uint32_t thread_model;          /* EPP_THREADS_* */
  uint32_t determinism;           /* EPP_DETERMINISM_*; 0: none */
  uint32_t dtypes;                /* set of EPP_DTYPE_*; F64 at least */
  uint32_t symmetries;            /* set of EPP_SYMMETRY_*; 0: none */
  uint32_t units;                 /* EPP_UNITS_*; 0: EPP_UNITS_MD */
  uint32_t topology;              /* EPP_TOPOLOGY_* */
  uint32_t flags;                 /* a set that a host may ignore: 0 in version 1.0 */
  uint32_t required;              /* a set that a host must know, or not use this potential: 0 in version 1.0 */
  const char *const *required_extensions; /* NULL-terminated list of host extension ids, or NULL */
} epp_descriptor;

/* Facts of one created instance: they may depend on its configuration and molecule. They do not change. */
typedef struct epp_info {
  uint64_t struct_size;
  uint64_t atoms;           /* >= 1 */
  uint64_t max_batch;       /* the largest count that evaluate takes; 0: no limit */
  uint64_t preferred_batch; /* counts that are a multiple of it are fastest; 0: no preference */
  uint32_t dimensions;      /* coordinates per atom: 3; 1 or 2 for toys */
  uint32_t periodic;        /* bit k set: needs a box, periodic along row k */
  double cutoff_nm;         /* interactions end here; 0: they do not end, or not at one distance */
  uint32_t required;        /* set of EPP_INFO_*: a host must know every bit, or not use the instance */
  uint32_t flags;           /* set of EPP_FLAG_*: a host may ignore them */
  uint32_t thread_model;    /* this and the next four: as in the descriptor; 0: as the descriptor says */
  uint32_t determinism;
  uint32_t dtypes;
  uint32_t symmetries;
  uint32_t units;
  /* The most threads that one evaluate keeps at work at the same time; 0: not told. The caller's counts where it works; one
   * that waits for others does not. */
  uint32_t threads_inside;
  /* Lower-case hexadecimal hash of everything that decides the numbers (parameters, weights, tables, configuration,
   * molecule, the version of the code), equal for equal ones in every process; NULL: not told. Hosts record it. */
  const char *fingerprint;
} epp_info;

/* What create is asked for. */
typedef struct epp_create {
  uint64_t struct_size;
  const char *id;               /* of a descriptor */
  const char *config_json;      /* a JSON object; NULL means {} */
  const char *folder;           /* absolute path that relative paths in config_json start from; NULL: the working folder */
  const epp_topology *topology; /* what the host knows of the molecule, may be NULL */
  const epp_host *host;         /* never NULL */
  uint32_t threads;             /* how many threads one evaluate may keep at work; 0: as many as it likes */
  uint32_t required;            /* set of EPP_REQUIRED_*; refuse an unknown bit with EPP_E_UNSUPPORTED */
} epp_create;

/* One more quantity that evaluate is to write, by its place in the table "epp.outputs/1". */
typedef struct epp_output {
  uint64_t struct_size;
  uint64_t index;  /* below the table's count */
  void *data;      /* [count] x the shape of the output */
  uint64_t stride; /* elements from one configuration to the next; 0: packed */
  uint32_t dtype;  /* EPP_DTYPE_F64; a plugin refuses another that it cannot write with EPP_E_UNSUPPORTED */
  uint32_t reserved; /* 0 */
} epp_output;

/* One call's work: `count` configurations. All buffers are the caller's and aligned to their element; those that are
 * written overlap no other (a plugin that notices returns EPP_E_INVALID_ARGUMENT). Strides are in elements (not bytes)
 * from one configuration to the next; 0 means "packed" for positions, gradients and outputs and "the same for every
 * configuration" for box and parameters; another stride is at least a row long. Inside a configuration the layout is
 * [atoms][dimensions]. From their first to their last element, gaps included, buffers that are written belong to the
 * call while it runs: nobody else reads or writes there. The call leaves the gaps as they were. No pointer of the batch
 * is kept after the call. */
typedef struct epp_batch {
  uint64_t struct_size;
  uint64_t count;           /* may be 0 */
  uint32_t dtype;           /* EPP_DTYPE_* of positions and gradients; one that the instance takes */
  uint32_t want;            /* set of EPP_WANT_*; 0 only where outputs are asked for */
  uint32_t required;        /* set of EPP_REQUIRED_*; refuse an unknown bit with EPP_E_UNSUPPORTED */
  uint32_t reserved;        /* 0 */
  const void *positions;    /* [count] x [atoms][dimensions], nm */
  uint64_t position_stride; /* elements */
  /* NULL or [count] x [3][3], nm: the rows are the three box vectors, right-handed, in any orientation and not
   * necessarily reduced. Only rows count along which the instance is periodic; one that is not periodic ignores the
   * box. Never NULL for one that is. A box that spans no volume, or is left-handed, is status 2. */
  const double *box;
  uint64_t box_stride;      /* elements */
  const double *parameters; /* [count] x [names], in the order of epp.parameters/1; NULL: the default values */
  uint64_t parameter_stride;
  double *energies;         /* [count] kJ/mol; NULL and not written unless EPP_WANT_ENERGY */
  void *gradients;          /* [count] x [atoms][dimensions] kJ/mol/nm; NULL and not written unless EPP_WANT_GRADIENT */
  uint64_t gradient_stride; /* elements */
  int32_t *statuses;        /* [count] EPP_SAMPLE_*; always written, also where evaluate fails */
  /* NULL, or non-zero from some moment on: stop soon, EPP_SAMPLE_CANCELLED for the rest. To look at it, and at the
   * deadline, is a duty: at least once a configuration, and more often where one takes longer than 100 ms. */
  const volatile uint32_t *cancel;
  uint64_t deadline_ns;     /* CLOCK_MONOTONIC time by which to stop likewise; 0: none */
  /* For potentials that draw random numbers; others ignore both. Configuration i draws from the stream (seed,
   * first + i) alone, so that a batch may be cut into pieces without changing anything. */
  uint64_t seed;
  uint64_t first;
  uint64_t output_count;
  const epp_output *const *outputs; /* [output_count], no index twice; NULL where that is 0 */
} epp_batch;

/* One instance. The struct belongs to the plugin, from create until destroy. */
typedef struct epp_potential {
  uint64_t struct_size;
  void *self;
  /* Fills *info, see above for struct_size. */
  int32_t (*info)(void *self, epp_info *info, epp_error *error);
  /* Evaluates a batch: energies, gradients and outputs of a configuration come from one computation. A configuration
   * whose status is not 0 has energy NaN, a gradient of zeros and outputs of NaN, where they are wanted, and does not
   * affect the others. Returns non-zero only where the call itself could not be done (a forbidden argument, say, or a
   * bug of the plugin): `statuses` are written then too, EPP_SAMPLE_INTERNAL for what was not finished, and what else was
   * wanted of configurations with such a status means nothing. */
  int32_t (*evaluate)(void *self, const epp_batch *batch, epp_error *error);
  /* An extension table of this instance, or NULL. The function itself may be NULL. */
  const void *(*extension)(void *self, const char *id);
  void (*destroy)(void *self);
  /* Another instance for another molecule (request->topology), with the potential, configuration and weights of this one;
   * id and config_json of the request are not looked at. The two are independent afterwards: either may be destroyed
   * first. It counts as a call; what an affine instance derives belongs to the same thread. May be NULL. */
  int32_t (*derive)(void *self, const epp_create *request, struct epp_potential **out, epp_error *error);
} epp_potential;

/* The one exported symbol. */
typedef struct epp_entry {
  uint64_t struct_size;
  uint32_t magic;     /* EPP_MAGIC, compared before anything is called */
  uint32_t abi_major; /* EPP_ABI_MAJOR */
  uint32_t abi_minor; /* EPP_ABI_MINOR */
  uint32_t required;  /* a set that a host must know, or not use this library: 0 in version 1.0 */
  /* The potentials of this library. Any thread. */
  uint32_t (*count)(void);
  const epp_descriptor *(*descriptor)(uint32_t index); /* NULL beyond count */
  /* Creates an instance. Any thread. */
  int32_t (*create)(const epp_create *request, epp_potential **out, epp_error *error);
  /* An extension table of the library, or NULL. May be NULL itself. Any thread. */
  const void *(*extension)(const char *id);
} epp_entry;

/* Define it in C as `const epp_entry epp_plugin_entry = {...};`, in C++ inside extern "C". */
extern EPP_EXPORT const epp_entry epp_plugin_entry;

/* ---- Extensions of an instance, version 1. Ids carry their version; a table is never changed, only succeeded. ---- */

/* The plugin tells its molecule. */
#define EPP_EXT_TOPOLOGY "epp.topology/1"
typedef struct epp_topology_extension {
  uint64_t struct_size;
  int32_t (*topology)(void *self, epp_topology *out, epp_error *error);
} epp_topology_extension;

/* What evaluate writes beside energy and gradient, by name. */
#define EPP_EXT_OUTPUTS "epp.outputs/1"

/* epp_output_description.shape */
#define EPP_SHAPE_SCALAR 1u           /* one number */
#define EPP_SHAPE_ATOMS 2u            /* [atoms] */
#define EPP_SHAPE_ATOMS_DIMENSIONS 3u /* [atoms][dimensions] */
#define EPP_SHAPE_MATRIX 4u           /* [3][3] */
#define EPP_SHAPE_VECTOR 5u           /* [length] */

/* Standard names, with unit and shape. A plugin that has such a quantity gives it this name, and another one another.
 *  virial             kJ/mol  [3][3]    The derivative of the energy by a strain, for barostats: positions and box rows
 *                                       alike become r (1 + strain); element [i][j] is dE/d(strain[i][j]) at strain 0.
 *                                       Without a box: the sum over atoms of r[i] (dE/dr[j]); with one: the sum over what
 *                                       interacts of d[i] (dE/dd[j]), d being the distance that counts. In fewer than
 *                                       three dimensions the rest is 0.
 *  energy:NAME        kJ/mol  scalar    A term of the energy. All terms of an instance add up to the energy.
 *  atom-energies      kJ/mol  [atoms]   A share of the energy for each atom. They add up to the energy.
 *  charges            e       [atoms]   Partial charges, where they depend on the configuration or not.
 *  dipole             e nm    [3]       With respect to the origin where the molecule is charged.
 *  energy-variance    (kJ/mol)^2     scalar               The model's own estimate of its squared error.
 *  gradient-variance  (kJ/mol/nm)^2  [atoms][dimensions]
 *  energy-members     kJ/mol  [length]  The energies of the members of a committee.
 *  derivative:NAME    kJ/mol per unit of it  scalar  The derivative of the energy by the global parameter NAME. */
typedef struct epp_output_description {
  uint64_t struct_size;
  const char *name;        /* lower-case letters, digits, hyphens and colons; different for each index */
  const char *unit;        /* NULL: a pure number */
  const char *description; /* for people, may be NULL */
  uint32_t shape;          /* EPP_SHAPE_* */
  uint32_t flags;          /* a set that a host may ignore: 0 in version 1.0 */
  uint64_t length;         /* of EPP_SHAPE_VECTOR; 0 for others */
} epp_output_description;

typedef struct epp_outputs_extension {
  uint64_t struct_size;
  uint64_t (*count)(void *self);
  int32_t (*describe)(void *self, uint64_t index, epp_output_description *out, epp_error *error);
} epp_outputs_extension;

/* Global parameters that a caller may vary from call to call, by epp_batch.parameters. */
#define EPP_EXT_PARAMETERS "epp.parameters/1"
typedef struct epp_parameter {
  uint64_t struct_size;
  const char *name; /* different for each index */
  const char *unit; /* NULL: a pure number, or not told */
  double default_value;
  double minimum; /* values outside [minimum, maximum] are status 2; both 0: any finite value is tried */
  double maximum;
} epp_parameter;

typedef struct epp_parameters_extension {
  uint64_t struct_size;
  uint64_t (*count)(void *self);
  int32_t (*describe)(void *self, uint64_t index, epp_parameter *out, epp_error *error);
} epp_parameters_extension;

/* Configurations with known results, for testers. */
#define EPP_EXT_REFERENCE "epp.reference/1"
typedef struct epp_sample {
  uint64_t struct_size;
  const double *positions;  /* [atoms][dimensions] */
  const double *box;        /* [3][3] rows; NULL where the instance is not periodic */
  const double *parameters; /* [names]; NULL: the default values */
  const double *gradient;   /* [atoms][dimensions], or NULL */
  double energy;
  double tolerance;          /* of the energy, relative to max(|energy|, 1) */
  double gradient_tolerance; /* of each component, relative to the largest one or 1 */
} epp_sample;

typedef struct epp_reference_extension {
  uint64_t struct_size;
  uint64_t (*count)(void *self);
  int32_t (*sample)(void *self, uint64_t index, epp_sample *out, epp_error *error);
} epp_reference_extension;

#ifdef __cplusplus
}
#endif

#endif /* EPP_H */
