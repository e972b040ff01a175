/* A template of an energy plugin in C99: copy this folder and epp.h, put your physics into `evaluate`.
 * One atom in a harmonic trap, U = k |r|^2 / 2 with k = 2 kJ/mol/nm^2. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "epp.h"

static const double stiffness = 2.0;

static int32_t fail(epp_error *error, int32_t code, const char *text) {
  if (error && error->struct_size >= sizeof *error && error->text && error->capacity)
    snprintf(error->text, (size_t)error->capacity, "%s", text);
  return code;
}

static int32_t info(void *self, epp_info *out, epp_error *error) {
  epp_info mine = {sizeof mine, 1, 0, 0, 3, 0, 0.0};
  (void)self;
  if (!out || out->struct_size < sizeof mine.struct_size) return fail(error, EPP_E_INVALID_ARGUMENT, "info: no struct");
  if (out->struct_size < sizeof mine) mine.struct_size = out->struct_size;
  memcpy(out, &mine, (size_t)mine.struct_size);
  return EPP_OK;
}

static int32_t evaluate(void *self, const epp_batch *theirs, epp_error *error) {
  epp_batch batch = {0}; /* what an older host does not have stays zero */
  uint64_t i, k;
  (void)self;
  if (!theirs) return fail(error, EPP_E_INVALID_ARGUMENT, "evaluate: no batch");
  memcpy(&batch, theirs, (size_t)(theirs->struct_size < sizeof batch ? theirs->struct_size : sizeof batch));
  if (batch.count && !batch.statuses) return fail(error, EPP_E_INVALID_ARGUMENT, "evaluate: no statuses");
  for (i = 0; i < batch.count; i++) batch.statuses[i] = EPP_SAMPLE_INTERNAL;
  if (batch.dtype != EPP_DTYPE_F64) return fail(error, EPP_E_UNSUPPORTED, "evaluate: only f64 positions");
  for (i = 0; i < batch.count; i++) {
    const double *r = (const double *)batch.positions + i * (batch.position_stride ? batch.position_stride : 3);
    double *gradient = (double *)batch.gradients, energy = 0.0;
    for (k = 0; k < 3; k++) energy += 0.5 * stiffness * r[k] * r[k];
    if (batch.cancel && *batch.cancel) batch.statuses[i] = EPP_SAMPLE_CANCELLED;
    else if (!isfinite(r[0]) || !isfinite(r[1]) || !isfinite(r[2])) batch.statuses[i] = EPP_SAMPLE_NON_FINITE_INPUT;
    else if (!isfinite(energy)) batch.statuses[i] = EPP_SAMPLE_ENERGY_NOT_FINITE;
    else batch.statuses[i] = EPP_SAMPLE_OK;
    if (batch.want & EPP_WANT_ENERGY) batch.energies[i] = batch.statuses[i] ? (double)NAN : energy;
    if (batch.want & EPP_WANT_GRADIENT) {
      gradient += i * (batch.gradient_stride ? batch.gradient_stride : 3);
      for (k = 0; k < 3; k++) gradient[k] = batch.statuses[i] ? 0.0 : stiffness * r[k];
    }
  }
  return EPP_OK;
}

static void destroy(void *self) { (void)self; }

static epp_potential trap = {sizeof trap, NULL, info, evaluate, NULL, destroy};

static const epp_descriptor description = {
    sizeof description, "template-c", "Harmonic trap", "0.1.0", NULL, NULL, NULL, NULL,
    "{\"type\": \"object\", \"additionalProperties\": false}", EPP_THREADS_CONCURRENT, EPP_DETERMINISM_BITWISE,
    EPP_DTYPE_F64, EPP_SYMMETRY_ROTATION | EPP_SYMMETRY_INVERSION, EPP_UNITS_MD, 0, NULL};

static int32_t init(const epp_host *host, epp_error *error) {
  return host ? EPP_OK : fail(error, EPP_E_INVALID_ARGUMENT, "init: no host");
}
static void deinit(void) {}
static uint32_t count(void) { return 1; }
static const epp_descriptor *descriptor(uint32_t index) { return index == 0 ? &description : NULL; }

static int32_t create(const char *id, const char *config, const epp_topology *topology, epp_potential **out,
                      epp_error *error) {
  int end = 0;
  (void)topology;
  if (!id || !out) return fail(error, EPP_E_INVALID_ARGUMENT, "create: id or out is null");
  if (strcmp(id, description.id) != 0) return fail(error, EPP_E_UNKNOWN_ID, "create: this library has: template-c");
  if (config && (sscanf(config, " { } %n", &end), end == 0 || config[end]))
    return fail(error, EPP_E_BAD_CONFIG, "create: template-c has nothing to configure; expected {}");
  *out = &trap; /* without state, one instance serves all */
  return EPP_OK;
}

EPP_EXPORT const epp_entry epp_plugin_entry = {
    sizeof epp_plugin_entry, EPP_MAGIC, EPP_ABI_MAJOR, EPP_ABI_MINOR, 0, init, deinit, count, descriptor, create, NULL};
