/* Not bad: it logs, and reports the terms of its energy and a parameter. */
#define EVALUATE evaluate_aloud
#define EXTENSION extensions
#include "plugin.h"

static int32_t evaluate_aloud(void *self, const epp_batch *batch, epp_error *error) {
  plugin_host->log(plugin_host->context, EPP_LOG_WARNING, "this is a toy");
  return plugin_evaluate(self, batch, error);
}

static uint64_t two(void *self) {
  (void)self;
  return 2;
}

static const char *term_name(void *self, uint64_t index) {
  (void)self;
  return index == 0 ? "well" : index == 1 ? "spring" : NULL;
}

static int32_t evaluate_terms(void *self, const epp_batch *theirs, double *terms, epp_error *error) {
  (void)self, (void)error;
  const epp_batch batch = batch_of(theirs);
  for (uint64_t i = 0; i < batch.count; i++) {
    const double *position = (const double *)batch.positions + i * batch.position_stride;
    const double y = position[1];
    terms[2 * i + 1] = 10.0 * y * y;
    terms[2 * i] = double_well(position, NULL) - terms[2 * i + 1];
    batch.statuses[i] = EPP_SAMPLE_OK;
  }
  return EPP_OK;
}

static double term_default(void *self, uint64_t index) {
  (void)self;
  return index == 0 ? 0.25 : 4.0;
}

static const void *extensions(void *self, const char *id) {
  (void)self;
  static const epp_components_extension components = {
      .struct_size = sizeof(epp_components_extension),
      .count = two,
      .name = term_name,
      .evaluate = evaluate_terms,
  };
  static const epp_parameters_extension parameters = {
      .struct_size = sizeof(epp_parameters_extension),
      .count = two,
      .name = term_name,
      .default_value = term_default,
  };
  if (strcmp(id, EPP_EXT_COMPONENTS) == 0) return &components;
  if (strcmp(id, EPP_EXT_PARAMETERS) == 0) return &parameters;
  return NULL;
}

#include "entry.h"
