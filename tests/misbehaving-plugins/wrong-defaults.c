/* The default values that it tells are not those that it computes with. */
#define EXTENSION extensions
#define EVALUATE evaluate_parameters
#include "plugin.h"

static uint64_t two(void *self) {
  (void)self;
  return 2;
}

static const char *name(void *self, uint64_t index) {
  (void)self;
  return index == 0 ? "well" : index == 1 ? "spring" : NULL;
}

static double default_of(void *self, uint64_t index) {
  (void)self, (void)index;
  return 0.0;
}

static const void *extensions(void *self, const char *id) {
  (void)self;
  static const epp_parameters_extension table = {
      .struct_size = sizeof table, .count = two, .name = name, .default_value = default_of};
  return strcmp(id, EPP_EXT_PARAMETERS) == 0 ? &table : NULL;
}

static int32_t evaluate_parameters(void *self, const epp_batch *theirs, epp_error *error) {
  const epp_batch batch = batch_of(theirs);
  const int32_t code = plugin_evaluate(self, theirs, error);
  for (uint64_t i = 0; code == EPP_OK && batch.energies && i < batch.count; i++) {
    batch.energies[i] += batch.parameters ? batch.parameters[i * batch.parameter_stride] : 1.0;
  }
  return code;
}

#include "entry.h"
