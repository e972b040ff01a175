/* Two atoms on a spring in three dimensions, E = k/2 (|r1 - r0| - length)^2, for the tests of the Force.
 *
 * Parameters: "stiffness" k, 1000 kJ/mol/nm^2, and "length", 0.1 nm. Compiled with -DPERIODIC=7, the nearest image along
 * each box row counts. It finds out whether it is used as its thread model (-DTHREADS=...) says: another thread than the
 * one that created it (affine), or two calls at once (serial), fail the call. */
#include <math.h>
#include <pthread.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "epp.h"

#ifndef PERIODIC
#define PERIODIC 0
#endif
#ifndef THREADS
#define THREADS EPP_THREADS_CONCURRENT
#endif
#ifndef ID
#define ID "pair"
#endif
/* Time that a call takes at least, so that calls at once are seen. */
#ifndef PAUSE_NS
#define PAUSE_NS 0
#endif

typedef struct pair {
  epp_potential potential;
  const epp_host *host;
  pthread_t creator;
  int inside;
} pair;

static void say(epp_error *error, const char *text) {
  if (error && error->text && error->capacity) {
    strncpy(error->text, text, error->capacity - 1);
    error->text[error->capacity - 1] = 0;
  }
}

static int on_foreign_thread(const pair *self) {
  return THREADS == EPP_THREADS_AFFINE && !pthread_equal(self->creator, pthread_self());
}

static int32_t pair_info(void *self, epp_info *info, epp_error *error) {
  (void)self, (void)error;
  info->atoms = 2;
  info->dimensions = 3;
  info->periodic = PERIODIC;
  info->threads_inside = 1;
  info->fingerprint = "5061697220322e30";
  return EPP_OK;
}

/* The outputs: "virial", "energy:spring", "charges". */
enum { VIRIAL, SPRING, CHARGES, OUTPUTS };

static void one(const double *positions, const double *box, const double *parameters, double *energy, double *gradient,
                double *const outputs[OUTPUTS], int32_t *status) {
  double d[3], r = 0.0;
  int finite = 1;
  for (int k = 0; k < 3; k++) d[k] = positions[3 + k] - positions[k];
  /* Rows are lower triangular: from the last to the first. */
  for (int row = 2; PERIODIC && row >= 0; row--) {
    const double images = round(d[row] / box[3 * row + row]);
    for (int k = 0; k < 3; k++) d[k] -= images * box[3 * row + k];
  }
  for (int k = 0; k < 3; k++) {
    finite = finite && isfinite(positions[k]) && isfinite(positions[3 + k]);
    r += d[k] * d[k];
  }
  r = sqrt(r);
  const double stiffness = parameters ? parameters[0] : 1000.0, length = parameters ? parameters[1] : 0.1;
#ifdef CRASHES
  if (r > 100.0) abort();
#endif
  *status = !finite ? EPP_SAMPLE_NON_FINITE_INPUT : r > 100.0 ? EPP_SAMPLE_OUTSIDE_DOMAIN : EPP_SAMPLE_OK;
  if (energy) *energy = *status ? NAN : 0.5 * stiffness * (r - length) * (r - length);
  for (int k = 0; gradient && k < 3; k++) {
    const double slope = *status || r == 0.0 ? 0.0 : stiffness * (r - length) * d[k] / r;
    gradient[k] = -slope;
    gradient[3 + k] = slope;
  }
  for (int k = 0; outputs[VIRIAL] && k < 9; k++)
    outputs[VIRIAL][k] = *status ? NAN : r == 0.0 ? 0.0 : stiffness * (r - length) * d[k / 3] * d[k % 3] / r;
  if (outputs[SPRING]) outputs[SPRING][0] = *status ? NAN : 0.5 * stiffness * (r - length) * (r - length);
  for (int k = 0; outputs[CHARGES] && k < 2; k++) outputs[CHARGES][k] = *status ? NAN : k ? -0.5 : 0.5;
}

static int32_t pair_evaluate(void *given, const epp_batch *batch, epp_error *error) {
  pair *self = given;
  if (on_foreign_thread(self)) {
    say(error, "called on a thread that did not create it");
    return EPP_E_INTERNAL;
  }
  if (THREADS != EPP_THREADS_CONCURRENT && __atomic_exchange_n(&self->inside, 1, __ATOMIC_SEQ_CST)) {
    say(error, "called twice at once");
    return EPP_E_INTERNAL;
  }
  const uint64_t from = batch->position_stride ? batch->position_stride : 6;
  const uint64_t to = batch->gradient_stride ? batch->gradient_stride : 6;
  static const uint64_t widths[OUTPUTS] = {9, 1, 2};
  for (uint64_t i = 0; i < batch->count; i++) {
    double *outputs[OUTPUTS] = {NULL};
    for (uint64_t k = 0; k < batch->output_count; k++) {
      const epp_output *output = batch->outputs[k];
      const uint64_t stride = output->stride ? output->stride : widths[output->index];
      outputs[output->index] = (double *)output->data + i * stride;
    }
    one((const double *)batch->positions + i * from, batch->box ? batch->box + i * batch->box_stride : NULL,
        batch->parameters ? batch->parameters + i * batch->parameter_stride : NULL,
        batch->energies ? batch->energies + i : NULL, batch->gradients ? (double *)batch->gradients + i * to : NULL,
        outputs, batch->statuses + i);
  }
  if (PAUSE_NS) nanosleep(&(struct timespec){0, PAUSE_NS}, NULL);
  __atomic_store_n(&self->inside, 0, __ATOMIC_SEQ_CST);
  return EPP_OK;
}

static uint64_t parameter_count(void *self) {
  (void)self;
  return 2;
}

static int32_t parameter(void *self, uint64_t index, epp_parameter *out, epp_error *error) {
  (void)self, (void)error;
  out->name = index == 0 ? "stiffness" : "length";
  out->unit = index == 0 ? "kJ/mol/nm^2" : "nm";
  out->default_value = index == 0 ? 1000.0 : 0.1;
  return EPP_OK;
}

static uint64_t output_count(void *self) {
  (void)self;
  return OUTPUTS;
}

static int32_t output(void *self, uint64_t index, epp_output_description *out, epp_error *error) {
  (void)self, (void)error;
  static const char *const names[OUTPUTS] = {"virial", "energy:spring", "charges"};
  static const char *const units[OUTPUTS] = {"kJ/mol", "kJ/mol", "e"};
  static const uint32_t shapes[OUTPUTS] = {EPP_SHAPE_MATRIX, EPP_SHAPE_SCALAR, EPP_SHAPE_ATOMS};
  out->name = names[index];
  out->unit = units[index];
  out->shape = shapes[index];
  return EPP_OK;
}

static int32_t pair_topology(void *self, epp_topology *out, epp_error *error) {
  (void)self, (void)error;
  static const uint32_t bond[2] = {0, 1}, hydrogen[2] = {1, 1};
  out->atoms = 2;
  out->atomic_numbers = hydrogen;
  out->bonds = 1;
  out->bond_atoms = bond;
  return EPP_OK;
}

static const void *pair_extension(void *self, const char *id) {
  (void)self;
  static const epp_parameters_extension parameters = {sizeof(epp_parameters_extension), parameter_count, parameter};
  static const epp_outputs_extension outputs = {sizeof(epp_outputs_extension), output_count, output};
  static const epp_topology_extension topology = {sizeof(epp_topology_extension), pair_topology};
  if (strcmp(id, EPP_EXT_PARAMETERS) == 0) return &parameters;
  if (strcmp(id, EPP_EXT_OUTPUTS) == 0) return &outputs;
  if (strcmp(id, EPP_EXT_TOPOLOGY) == 0) return &topology;
  return NULL;
}

static void tell(const epp_host *host, uint32_t level, const char *text) {
  if (host && host->log) host->log(host->context, level, text);
}

static void pair_destroy(void *given) {
  pair *self = given;
  if (on_foreign_thread(self)) abort();
  tell(self->host, EPP_LOG_INFO, "the spring is gone");
  free(self);
}

/* Its configuration is {}, or {"file": NAME}, which must lie in the folder of the request. */
static int has_file(const epp_create *request) {
  char name[64], path[4096];
  if (sscanf(request->config_json, "{\"file\":\"%63[^\"]\"}", name) != 1) return 0;
  snprintf(path, sizeof path, "%s/%s", request->folder ? request->folder : ".", name);
  FILE *file = fopen(path, "r");
  if (file) fclose(file);
  return file != NULL;
}

static int32_t create(const epp_create *request, epp_potential **out, epp_error *error) {
  if (strcmp(request->id, ID) != 0) return EPP_E_UNKNOWN_ID;
  if (request->config_json && strcmp(request->config_json, "{}") != 0 && !has_file(request)) {
    say(error, "it takes no key but file, which names one that is there");
    return EPP_E_BAD_CONFIG;
  }
  if (request->required) return EPP_E_UNSUPPORTED;
  pair *self = calloc(1, sizeof *self);
  if (!self) return EPP_E_OUT_OF_MEMORY;
  self->creator = pthread_self();
  self->host = request->host;
  self->potential = (epp_potential){
      .struct_size = sizeof(epp_potential),
      .self = self,
      .info = pair_info,
      .evaluate = pair_evaluate,
      .extension = pair_extension,
      .destroy = pair_destroy,
  };
  *out = &self->potential;
  char text[64];
  snprintf(text, sizeof text, "a spring on %u threads", request->threads);
  tell(self->host, EPP_LOG_WARNING, text);
  return EPP_OK;
}

static uint32_t count(void) { return 1; }

static const epp_descriptor *descriptor(uint32_t index) {
  static const epp_descriptor descriptor = {
      .struct_size = sizeof(epp_descriptor),
      .id = ID,
      .name = "Two atoms on a spring",
      .version = "1.0.0",
      .thread_model = THREADS,
      .determinism = EPP_DETERMINISM_BITWISE,
      .dtypes = EPP_DTYPE_F64,
      .units = EPP_UNITS_MD,
  };
  return index == 0 ? &descriptor : NULL;
}

EPP_EXPORT const epp_entry epp_plugin_entry = {
    .struct_size = sizeof(epp_entry),
    .magic = EPP_MAGIC,
    .abi_major = EPP_ABI_MAJOR,
    .abi_minor = EPP_ABI_MINOR,
    .count = count,
    .descriptor = descriptor,
    .create = create,
};
