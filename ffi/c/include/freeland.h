/* SPDX-License-Identifier: MIT OR Apache-2.0
 *
 * freeland.h - energy plugins for programs in C, version 1
 *
 * Finds, loads and evaluates energy plugins: for programs that are neither Rust (crate freeland-loader) nor Python (package
 * freeland). Link libfreeland. Needs C99, <stdint.h> and epp.h, whose structs, units and statuses it shares.
 *
 *   freeland_potential *potential = freeland_open("mueller-brown", "{}", NULL);
 *   if (!potential) { fprintf(stderr, "%s\n", freeland_last_error()); return 1; }
 *   double positions[2] = {-0.558, 1.442}, energy, gradient[2];
 *   int32_t status;
 *   epp_batch batch = {.struct_size = sizeof batch};
 *   batch.count = 1;
 *   batch.dtype = EPP_DTYPE_F64;
 *   batch.want = EPP_WANT_ENERGY | EPP_WANT_GRADIENT;
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
 *    zero.
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

/* How a potential is opened. Zeros are the defaults. Texts are copied. */
typedef struct freeland_options {
  uint64_t struct_size;
  const char *search_path; /* folders to search first, separated by colons; may be NULL */
  const char *sha256;      /* NULL, or 64 hexadecimal digits: another library than this is refused */
  int32_t isolation;       /* FREELAND_IN_PROCESS, FREELAND_WORKER */
  int32_t trust_writable;  /* 1: also a library that others than its user may write to */
  uint64_t workers;        /* with FREELAND_WORKER: worker processes at most; 0: as the plugin's thread model suggests */
  uint64_t time_limit_ms;  /* with FREELAND_WORKER: how long one call may take before it is stopped; 0: 60 s */
} freeland_options;

/* An instance of a potential. */
typedef struct freeland_potential freeland_potential;

/* Finds, loads and creates a potential; NULL where that fails.
 * `spec`: an id such as "molecular-mechanics", the path of a library with one potential, or path.so#id. An id is looked for
 * in `search_path`, in FREELAND_PLUGIN_PATH, where `freeland plugin list` looks, and beside libfreeland.
 * `config_json`: a JSON object; NULL means {}. `options`: NULL means the defaults. */
freeland_potential *freeland_open(const char *spec, const char *config_json, const freeland_options *options);

/* Closes it; NULL is ignored. No other call may be using it, and none may come later. */
void freeland_close(freeland_potential *potential);

/* Fills as much of *info as info->struct_size (set by the caller) allows. 0, or EPP_E_*. */
int32_t freeland_info(const freeland_potential *potential, epp_info *info);

/* What the potential says of itself, as JSON: "id", "name", "version", "units", "threads", "config-schema", and more, as
 * `freeland plugin describe --json` prints it. Lives until the potential is closed. NULL only where `potential` is. */
const char *freeland_describe(const freeland_potential *potential);

/* The name of global parameter `index`, from 0, and its default value (`value` may be NULL); NULL beyond the last. Lives
 * until the potential is closed. The order is that of epp_batch.parameters. */
const char *freeland_parameter(const freeland_potential *potential, uint64_t index, double *value);

/* Evaluates a batch: the struct is that of epp.h, with the same shapes, units, strides and statuses, and all buffers are the
 * caller's. Beyond what a plugin promises: batches may be larger than its max_batch; a NaN or infinite result whose status
 * is 0 becomes status 3 or 4; wherever a status is not 0, the energy is NaN and the gradient zero.
 * 0: done, and each configuration has its status. EPP_E_*: the call as a whole failed, and its results mean nothing. */
int32_t freeland_evaluate(const freeland_potential *potential, const epp_batch *batch);

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
