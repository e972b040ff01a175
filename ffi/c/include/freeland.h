/* SPDX-License-Identifier: MIT OR Apache-2.0
 *
 * freeland.h - energy plugins for programs in C, version 1
 *
 * Finds, loads and evaluates energy plugins: for programs that are neither Rust (crate freeland-loader) nor Python (package
 * freeland). Link libfreeland. Needs C99, <stdint.h> and epp.h, whose units, statuses and descriptions it shares.
 *
 *   freeland_options options = {.struct_size = sizeof options, .spec = "mueller-brown"};
 *   freeland_potential *potential = freeland_open(&options);
 *   if (!potential) { fprintf(stderr, "%s\n", freeland_last_error()); return 1; }
 *   double positions[2] = {-0.558, 1.442}, energy, gradient[2];
 *   int32_t status;
 *   freeland_batch batch = {.struct_size = sizeof batch, .count = 1, .dtype = EPP_DTYPE_F64};
 *   batch.positions = positions;
 *   batch.energies = &energy;
 *   batch.gradients = gradient;
 *   batch.statuses = &status;
 *   if (freeland_evaluate(potential, &batch)) fprintf(stderr, "%s\n", freeland_last_error());
 *   freeland_close(potential);
 *
 * Rules that hold throughout
 *  - A function that fails returns NULL or a code other than 0, and freeland_last_error() says why.
 *  - Any function may be called from any thread, and one potential from many threads at once: where the plugin bears less
 *    than that, calls wait for each other, or are done on a thread that the plugin is bound to.
 *  - Nothing of the library's own ends the process or lets an exception through. A plugin that crashes ends the process,
 *    unless it is opened with FREELAND_WORKER.
 *  - Text is UTF-8 and NUL-terminated. Structs begin with struct_size, to be set to their sizeof; fields beyond it read as
 *    zero, and zero is always the default. Fields and functions are only ever added: a program runs with every later
 *    libfreeland.
 */
#ifndef FREELAND_H
#define FREELAND_H

#include <stdint.h>

#include "epp.h"

#ifdef __cplusplus
extern "C" {
#endif

/* freeland_options.isolation */
#define FREELAND_IN_PROCESS 0 /* the plugin runs in this process */
#define FREELAND_WORKER 1     /* the plugin runs in worker processes, which are started again where they crash or hang */

/* freeland_options.confinement: what happens where the system cannot keep a worker from all that it should */
#define FREELAND_BEST_EFFORT 0 /* it is logged, and the plugin runs */
#define FREELAND_REQUIRED 1    /* nothing of the plugin is loaded */

/* Takes a message: its level (EPP_LOG_*), the file name of the library that it is about, the text. From any thread, and while a
 * call waits for it: it comes back soon, and calls nothing of this header for the same potential. */
typedef void (*freeland_log)(void *context, uint32_t level, const char *library, const char *text);

/* What a potential is, and how it is opened. All that pointers name is copied. */
typedef struct freeland_options {
  uint64_t struct_size;
  const char *spec;        /* an id such as "molecular-mechanics", the path of a library with one potential, or path.so#id */
  const char *config_json; /* a JSON object; NULL means {} */
  const char *folder;      /* what relative paths in it start from; NULL: the working folder */
  const char *search_path; /* folders to search first, separated by colons; may be NULL. Then FREELAND_PLUGIN_PATH, where
                              `freeland plugin list` looks, and beside libfreeland */
  const char *sha256;      /* NULL, or 64 hexadecimal digits: another library than this is refused */
  const epp_topology *topology; /* the molecule, for potentials that use or need one; may be NULL */
  freeland_log log;        /* NULL: errors and warnings go to the standard error */
  void *log_context;       /* handed back to it; it must live until the potential is closed */
  uint32_t threads;        /* on how many threads one call may work; 0: as many as there are */
  int32_t isolation;       /* FREELAND_IN_PROCESS, FREELAND_WORKER */
  int32_t trust_writable;  /* 1: also a library that others than its user may write to */
  int32_t confinement;     /* with FREELAND_WORKER, as all that follows: FREELAND_BEST_EFFORT, FREELAND_REQUIRED */
  uint64_t workers;        /* worker processes at most; 0: as the plugin's thread model suggests */
  uint64_t time_limit_ms;  /* how long one call may take before it is stopped; 0: 60 s */
  uint64_t memory;         /* the memory of a worker, bytes; 0: no limit */
  const char *writable;    /* files and folders that a worker may write to, separated by colons; may be NULL */
} freeland_options;

/* An output that a call is to give. */
typedef struct freeland_output {
  uint64_t struct_size;
  const char *name; /* as freeland_output_describe tells it: "virial", "energy:bonds" */
  double *data;     /* [count] x its shape */
} freeland_output;

/* One call's work: `count` configurations. A buffer that is NULL is not wanted; something must be. All are the caller's. Strides
 * are in numbers from one configuration to the next, as in epp_batch: 0 means packed for positions and gradients, and the same
 * for every configuration for box and parameters. Units and layouts are those of epp.h. */
typedef struct freeland_batch {
  uint64_t struct_size;
  uint64_t count;           /* may be 0 */
  uint32_t dtype;           /* EPP_DTYPE_F64, or EPP_DTYPE_F32 where the potential takes it: of positions and gradients */
  uint32_t reserved;        /* 0 */
  const void *positions;    /* [count] x [atoms][dimensions], nm */
  uint64_t position_stride;
  const double *box;        /* [count] x [3][3], rows, nm; NULL: that of the potential's topology */
  uint64_t box_stride;
  const double *parameters; /* [count] x [parameters]; NULL: the default values */
  uint64_t parameter_stride;
  double *energies;         /* [count] kJ/mol */
  void *gradients;          /* [count] x [atoms][dimensions] kJ/mol/nm */
  uint64_t gradient_stride;
  int32_t *statuses;        /* [count] EPP_SAMPLE_*; never NULL unless count is 0 */
  const volatile uint32_t *cancel; /* NULL, or non-zero from some moment on: EPP_SAMPLE_CANCELLED for the rest */
  uint64_t deadline_ns;     /* CLOCK_MONOTONIC time by which to stop likewise; 0: none */
  uint64_t seed;            /* configuration i draws its random numbers from the stream (seed, first + i) */
  uint64_t first;
  uint64_t output_count;
  const freeland_output *const *outputs; /* [output_count], no name twice; all come from the computation of the energies */
} freeland_batch;

/* An instance of a potential. */
typedef struct freeland_potential freeland_potential;

/* Finds, loads and creates a potential; NULL where that fails. */
freeland_potential *freeland_open(const freeland_options *options);

/* Another potential for another molecule, with the configuration and the weights of this one; NULL where that fails, or where the
 * plugin cannot do it. Each is closed for itself. */
freeland_potential *freeland_derive(const freeland_potential *potential, const epp_topology *topology);

/* Closes it; NULL is ignored. No other call may be using it, and none may come later. */
void freeland_close(freeland_potential *potential);

/* Fills as much of *info as info->struct_size (set by the caller) allows, and sets it to what was filled. 0, or EPP_E_*. Text
 * lives until the potential is closed; so it does in the next two. */
int32_t freeland_info(const freeland_potential *potential, epp_info *info);

/* How many global parameters there are, and what is known of one; the order is that of freeland_batch.parameters. 0 of NULL. */
uint64_t freeland_parameter_count(const freeland_potential *potential);
int32_t freeland_parameter(const freeland_potential *potential, uint64_t index, epp_parameter *parameter);

/* How many outputs there are beside energy and gradient, and what is known of one. 0 of NULL. */
uint64_t freeland_output_count(const freeland_potential *potential);
int32_t freeland_output_describe(const freeland_potential *potential, uint64_t index, epp_output_description *output);

/* What the library says of the potential, as JSON: "id", "name", "version", "units", "threads", "config-schema", and more, as
 * `freeland plugin describe --json` prints it. Lives until the potential is closed. NULL only where `potential` is. */
const char *freeland_describe(const freeland_potential *potential);

/* Evaluates a batch. Beyond what a plugin promises: batches may be larger than its max_batch; a NaN or infinite result whose
 * status is 0 becomes status 3 or 4; wherever a status is not 0, the energy and outputs are NaN and the gradient zero.
 * 0: done, and each configuration has its status. EPP_E_*: the call as a whole failed, and its results mean nothing; from 100
 * on, every later one would fail. */
int32_t freeland_evaluate(const freeland_potential *potential, const freeland_batch *batch);

/* A status in words, such as "outside the domain"; "unknown" for a number that is none. Never NULL; lives for ever. */
const char *freeland_status_name(int32_t status);

/* Why the last function that failed on this thread did so; "" where none has. Lives until the next failure on this thread.
 * A function that succeeds leaves it as it is. */
const char *freeland_last_error(void);

/* The version of libfreeland, such as "0.1.0". Lives for ever. */
const char *freeland_version(void);

#ifdef __cplusplus
}
#endif

#endif /* FREELAND_H */
