/* A plugin that behaves, in two dimensions: E = 5 (x^2 - 1)^2 + 10 y^2, in reduced units. Each .c file of this folder
 * defines some of the macros below before it includes this, and so misbehaves in one way. */
#ifndef PLUGIN_H
#define PLUGIN_H

#include <math.h>
#include <stddef.h>
#include <string.h>

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
#define SCHEMA NULL
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
#ifndef MAX_BATCH
#define MAX_BATCH 0
#endif
#ifndef PERIODIC
#define PERIODIC 0
#endif

/* Hooks, each of which may be replaced by a function of the same signature, or by NULL. */
#ifndef INIT
#define INIT plugin_init
#endif
#ifndef CREATE
#define CREATE plugin_create
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

#define UNUSED __attribute__((unused))

UNUSED static void say(epp_error *error, const char *text) {
  if (error && error->text && error->capacity) {
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

static void plugin_deinit(void) {}

static uint32_t plugin_count(void) { return COUNT; }

static const epp_descriptor *plugin_descriptor(uint32_t index) {
  static const epp_descriptor descriptor = {
      .struct_size = sizeof(epp_descriptor),
      .id = ID,
      .name = NAME,
      .version = "1.2.3",
      .config_schema_json = SCHEMA,
      .thread_model = THREADS,
      .determinism = EPP_DETERMINISM_BITWISE,
      .dtypes = DTYPES,
      .units = EPP_UNITS_REDUCED,
      .required_extensions = REQUIRED,
  };
  return index < COUNT ? &descriptor : NULL;
}

UNUSED static int32_t plugin_info(void *self, epp_info *info, epp_error *error) {
  (void)self, (void)error;
  info->atoms = ATOMS;
  info->dimensions = 2;
  info->max_batch = MAX_BATCH;
  info->periodic = PERIODIC;
  return EPP_OK;
}

/* Energy at `position`, gradient where it is not NULL. */
UNUSED static double double_well(const double *position, double *gradient) {
  const double x = position[0], y = position[1], well = x * x - 1.0;
  if (gradient) {
    gradient[0] = 20.0 * x * well;
    gradient[1] = 20.0 * y;
  }
  return 5.0 * well * well + 10.0 * y * y;
}

UNUSED static int32_t plugin_evaluate(void *self, const epp_batch *batch, epp_error *error) {
  (void)self, (void)error;
  const uint64_t from = batch->position_stride ? batch->position_stride : 2;
  const uint64_t to = batch->gradient_stride ? batch->gradient_stride : 2;
  for (uint64_t i = 0; i < batch->count; i++) {
    double *gradient = batch->gradients ? (double *)batch->gradients + i * to : NULL;
    const double energy = double_well((const double *)batch->positions + i * from, gradient);
    if (batch->energies) batch->energies[i] = energy;
    batch->statuses[i] = EPP_SAMPLE_OK;
  }
  return EPP_OK;
}

static void plugin_destroy(void *self) { (void)self; }

#endif
