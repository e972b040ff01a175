/* Has one global parameter, and reads two. */
#define EXTENSION extensions
#define EVALUATE evaluate_badly
#include "plugin.h"

static uint64_t one(void *self) {
  (void)self;
  return 1;
}

static const char *name(void *self, uint64_t index) {
  (void)self;
  return index == 0 ? "well" : NULL;
}

static double default_of(void *self, uint64_t index) {
  (void)self, (void)index;
  return 0.0;
}

static const void *extensions(void *self, const char *id) {
  (void)self;
  static const epp_parameters_extension table = {
      .struct_size = sizeof table, .count = one, .name = name, .default_value = default_of};
  return strcmp(id, EPP_EXT_PARAMETERS) == 0 ? &table : NULL;
}

static int32_t evaluate_badly(void *self, const epp_batch *theirs, epp_error *error) {
  const epp_batch batch = batch_of(theirs);
  const int32_t code = plugin_evaluate(self, theirs, error);
  for (uint64_t i = 0; code == EPP_OK && batch.energies && batch.parameters && i < batch.count; i++) {
    const volatile double *values = batch.parameters + i * batch.parameter_stride;
    const double second = values[1];
    batch.energies[i] += values[0] + 0.0 * (isfinite(second) ? second : 0.0);
  }
  return code;
}

#include "entry.h"
