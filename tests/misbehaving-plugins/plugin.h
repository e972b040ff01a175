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
#ifndef ENTRY_REQUIRED
#define ENTRY_REQUIRED 0
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
#ifndef TOPOLOGY
#define TOPOLOGY EPP_TOPOLOGY_IGNORED
#endif
#ifndef THREADS_INSIDE
#define THREADS_INSIDE 1
#endif
#ifndef FINGERPRINT
#define FINGERPRINT "600d"
#endif

/* Hooks, each of which may be replaced by a function of the same signature, or by NULL. */
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
#ifndef DERIVE
#define DERIVE NULL
#endif
#ifndef EXTENSION
#define EXTENSION plugin_extension
#endif
#ifndef DESTROY
#define DESTROY plugin_destroy
#endif
/* double ENERGY(const double *position, double *gradient), the gradient where it is not NULL. */
#ifndef ENERGY
#define ENERGY double_well
#endif

/* A list of epp_output_description, and void OUTPUT(const double *position, uint64_t index, double *values). Likewise a
 * list of epp_parameter. */
#ifdef OUTPUTS
static void OUTPUT(const double *position, uint64_t index, double *values);
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
      .topology = TOPOLOGY,
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
  info.threads_inside = THREADS_INSIDE;
  info.fingerprint = FINGERPRINT;
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

/* Fills a struct of the caller's, which may be shorter or longer than ours. */
UNUSED static void fill(void *theirs, const void *ours, uint64_t size) {
  uint64_t room;
  memcpy(&room, theirs, sizeof room);
  if (room < size) size = room;
  memcpy(theirs, ours, size);
  memcpy(theirs, &size, sizeof size);
}

#ifdef OUTPUTS
static const epp_output_description plugin_outputs[] = {OUTPUTS};

static uint64_t plugin_output_count(void *self) {
  (void)self;
  return sizeof plugin_outputs / sizeof *plugin_outputs;
}

static int32_t plugin_describe_output(void *self, uint64_t index, epp_output_description *out, epp_error *error) {
  if (index >= plugin_output_count(self)) {
    say(error, "no such output");
    return EPP_E_INVALID_ARGUMENT;
  }
  fill(out, &plugin_outputs[index], sizeof *plugin_outputs);
  return EPP_OK;
}

static uint64_t plugin_width(uint64_t index) {
  switch (plugin_outputs[index].shape) {
    case EPP_SHAPE_ATOMS: return ATOMS;
    case EPP_SHAPE_ATOMS_DIMENSIONS: return ROW;
    case EPP_SHAPE_MATRIX: return 9;
    case EPP_SHAPE_VECTOR: return plugin_outputs[index].length;
    default: return 1;
  }
}
#endif

#ifdef PARAMETERS
static const epp_parameter plugin_parameters[] = {PARAMETERS};

static uint64_t plugin_parameter_count(void *self) {
  (void)self;
  return sizeof plugin_parameters / sizeof *plugin_parameters;
}

static int32_t plugin_describe_parameter(void *self, uint64_t index, epp_parameter *out, epp_error *error) {
  if (index >= plugin_parameter_count(self)) {
    say(error, "no such parameter");
    return EPP_E_INVALID_ARGUMENT;
  }
  fill(out, &plugin_parameters[index], sizeof *plugin_parameters);
  return EPP_OK;
}
#endif

UNUSED static const void *plugin_extension(void *self, const char *id) {
  (void)self, (void)id;
#ifdef OUTPUTS
  static const epp_outputs_extension outputs = {
      .struct_size = sizeof(epp_outputs_extension), .count = plugin_output_count, .describe = plugin_describe_output};
  if (strcmp(id, EPP_EXT_OUTPUTS) == 0) return &outputs;
#endif
#ifdef PARAMETERS
  static const epp_parameters_extension parameters = {.struct_size = sizeof(epp_parameters_extension),
                                                      .count = plugin_parameter_count,
                                                      .describe = plugin_describe_parameter};
  if (strcmp(id, EPP_EXT_PARAMETERS) == 0) return &parameters;
#endif
  return NULL;
}

/* What is wanted of one configuration beside energy and gradient. */
UNUSED static void write_outputs(const epp_batch *batch, uint64_t i) {
  (void)batch, (void)i;
#ifdef OUTPUTS
  for (uint64_t k = 0; k < batch->output_count; k++) {
    const epp_output *output = batch->outputs[k];
    const uint64_t width = plugin_width(output->index);
    double *values = (double *)output->data + i * (output->stride ? output->stride : width);
    if (batch->statuses[i] == EPP_SAMPLE_OK) {
      OUTPUT((const double *)batch->positions + i * batch->position_stride, output->index, values);
    } else {
      for (uint64_t j = 0; j < width; j++) values[j] = NAN;
    }
  }
#endif
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
  write_outputs(batch, i);
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
  if (batch.required) return refuse_call(&batch, EPP_E_UNSUPPORTED, "an unknown requirement", error);
#ifdef OUTPUTS
  const uint64_t outputs = plugin_output_count(self);
#else
  const uint64_t outputs = 0;
#endif
  for (uint64_t k = 0; k < batch.output_count; k++) {
    if (batch.outputs[k]->index >= outputs) return refuse_call(&batch, EPP_E_INVALID_ARGUMENT, "no such output", error);
    if (batch.outputs[k]->dtype != EPP_DTYPE_F64) return refuse_call(&batch, EPP_E_UNSUPPORTED, "only f64", error);
  }
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
