/* A plugin that behaves, in two dimensions: E = 5 (x^2 - 1)^2 + 10 y^2, in reduced units. Each .c file of this folder
 * defines some of the macros below before it includes this, and so misbehaves in one way. */
#ifndef PLUGIN_H
#define PLUGIN_H

#include <math.h>
#include <stddef.h>
#include <string.h>
#include <time.h>

#include "epp.h"

#ifndef MAGIC
#define MAGIC EPP_MAGIC
#endif
#ifndef MAJOR
#define MAJOR EPP_ABI_MAJOR
#endif
#ifndef MINOR
#define MINOR EPP_ABI_MINOR
#endif
#ifndef ENTRY_SIZE
#define ENTRY_SIZE sizeof(epp_entry)
#endif
#ifndef ID
#define ID "misbehaving"
#endif
#ifndef NAME
#define NAME "A misbehaving double well"
#endif
#ifndef SCHEMA
#define SCHEMA "{\"type\": \"object\", \"additionalProperties\": false}"
#endif
#ifndef THREADS
#define THREADS EPP_THREADS_CONCURRENT
#endif
#ifndef DTYPES
#define DTYPES EPP_DTYPE_F64
#endif
#ifndef REQUIRED
#define REQUIRED NULL
#endif
#ifndef COUNT
#define COUNT 1
#endif
#ifndef ATOMS
#define ATOMS 1
#endif
#ifndef DIMENSIONS
#define DIMENSIONS 2
#endif
#ifndef MAX_BATCH
#define MAX_BATCH 0
#endif
#ifndef PERIODIC
#define PERIODIC 0
#endif
#ifndef DETERMINISM
#define DETERMINISM EPP_DETERMINISM_BITWISE
#endif
#ifndef SYMMETRIES
#define SYMMETRIES 0
#endif

/* Hooks, each of which may be replaced by a function of the same signature, or by NULL. */
#ifndef INIT
#define INIT plugin_init
#endif
#ifndef DEINIT
#define DEINIT plugin_deinit
#endif
#ifndef DESCRIPTOR
#define DESCRIPTOR plugin_descriptor
#endif
#ifndef CREATE
#define CREATE plugin_create
#endif
#ifndef LIBRARY_EXTENSION
#define LIBRARY_EXTENSION NULL
#endif
#ifndef INFO
#define INFO plugin_info
#endif
#ifndef EVALUATE
#define EVALUATE plugin_evaluate
#endif
#ifndef EXTENSION
#define EXTENSION NULL
#endif
#ifndef DESTROY
#define DESTROY plugin_destroy
#endif
/* double ENERGY(const double *position, double *gradient), the gradient where it is not NULL. */
#ifndef ENERGY
#define ENERGY double_well
#endif

#define UNUSED __attribute__((unused))

#define ROW (ATOMS * DIMENSIONS)

UNUSED static void say(epp_error *error, const char *text) {
  if (error && error->struct_size >= sizeof *error && error->text && error->capacity) {
    strncpy(error->text, text, error->capacity - 1);
    error->text[error->capacity - 1] = 0;
  }
}

UNUSED static const epp_host *plugin_host;

UNUSED static int32_t plugin_init(const epp_host *host, epp_error *error) {
  (void)error;
  plugin_host = host;
  return EPP_OK;
}

UNUSED static void plugin_deinit(void) {}

static uint32_t plugin_count(void) { return COUNT; }

UNUSED static const epp_descriptor *plugin_descriptor(uint32_t index) {
  static const epp_descriptor descriptor = {
      .struct_size = sizeof(epp_descriptor),
      .id = ID,
      .name = NAME,
      .version = "1.2.3",
      .config_schema_json = SCHEMA,
      .thread_model = THREADS,
      .determinism = DETERMINISM,
      .dtypes = DTYPES,
      .symmetries = SYMMETRIES,
      .units = EPP_UNITS_REDUCED,
      .required_extensions = REQUIRED,
  };
  return index < COUNT ? &descriptor : NULL;
}

UNUSED static int32_t plugin_info(void *self, epp_info *out, epp_error *error) {
  (void)self, (void)error;
  epp_info info = {.struct_size = sizeof info};
  info.atoms = ATOMS;
  info.dimensions = DIMENSIONS;
  info.max_batch = MAX_BATCH;
  info.periodic = PERIODIC;
  if (out->struct_size < info.struct_size) info.struct_size = out->struct_size;
  memcpy(out, &info, info.struct_size);
  return EPP_OK;
}

UNUSED static double double_well(const double *position, double *gradient) {
  const double x = position[0], y = position[1], well = x * x - 1.0;
  if (gradient) {
    gradient[0] = 20.0 * x * well;
    gradient[1] = 20.0 * y;
  }
  return 5.0 * well * well + 10.0 * y * y;
}

/* The batch as this version knows it: what an older host does not have is zero. */
UNUSED static epp_batch batch_of(const epp_batch *theirs) {
  epp_batch batch;
  memset(&batch, 0, sizeof batch);
  memcpy(&batch, theirs, theirs->struct_size < sizeof batch ? theirs->struct_size : sizeof batch);
  batch.struct_size = sizeof batch;
  if (!batch.position_stride) batch.position_stride = ROW;
  if (!batch.gradient_stride) batch.gradient_stride = ROW;
  return batch;
}

UNUSED static int stopped(const epp_batch *batch) {
  if (batch->cancel && *batch->cancel) return 1;
  if (!batch->deadline_ns) return 0;
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec >= batch->deadline_ns;
}

/* Everything that the header demands of one configuration. */
UNUSED static void evaluate_one(const epp_batch *batch, uint64_t i, double (*energy_of)(const double *, double *)) {
  const double *position = (const double *)batch->positions + i * batch->position_stride;
  double local[ATOMS > 64 ? 1 : ROW], *gradient = local, energy = NAN;
  int32_t status = EPP_SAMPLE_OK;
  if (batch->want & EPP_WANT_GRADIENT) gradient = (double *)batch->gradients + i * batch->gradient_stride;
  for (int k = 0; k < ROW; k++) {
    if (!isfinite(position[k])) status = EPP_SAMPLE_NON_FINITE_INPUT;
  }
  if (stopped(batch)) status = EPP_SAMPLE_CANCELLED;
  if (status == EPP_SAMPLE_OK) {
    energy = energy_of(position, gradient);
    for (int k = 0; k < ROW; k++) {
      if (!isfinite(gradient[k])) status = EPP_SAMPLE_GRADIENT_NOT_FINITE;
    }
    if (!isfinite(energy)) status = EPP_SAMPLE_ENERGY_NOT_FINITE;
  }
  if (status != EPP_SAMPLE_OK) {
    energy = NAN;
    for (int k = 0; k < ROW; k++) gradient[k] = 0.0;
  }
  if (batch->want & EPP_WANT_ENERGY) batch->energies[i] = energy;
  batch->statuses[i] = status;
}

UNUSED static int32_t refuse_call(const epp_batch *batch, int32_t code, const char *text, epp_error *error) {
  for (uint64_t i = 0; i < batch->count; i++) batch->statuses[i] = EPP_SAMPLE_INTERNAL;
  say(error, text);
  return code;
}

UNUSED static int32_t plugin_evaluate(void *self, const epp_batch *theirs, epp_error *error) {
  (void)self;
  const epp_batch batch = batch_of(theirs);
  if (batch.dtype != EPP_DTYPE_F64) return refuse_call(&batch, EPP_E_UNSUPPORTED, "only f64", error);
  if (PERIODIC && !batch.box && batch.count) {
    return refuse_call(&batch, EPP_E_INVALID_ARGUMENT, "periodic, and no box", error);
  }
  for (uint64_t i = 0; i < batch.count; i++) evaluate_one(&batch, i, ENERGY);
  return EPP_OK;
}

/* {} and nothing else. */
UNUSED static int is_empty_object(const char *config) {
  int open = 0, closed = 0;
  for (; *config; config++) {
    if (*config == '{' && !open) open = 1;
    else if (*config == '}' && open && !closed) closed = 1;
    else if (*config != ' ' && *config != '\n') return 0;
  }
  return closed;
}

UNUSED static void plugin_destroy(void *self) { (void)self; }

#endif
