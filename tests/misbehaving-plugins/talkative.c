/* Not bad: it logs, and reports the terms of its energy and parameters. */
#define EVALUATE evaluate_aloud
#define OUTPUTS                                                                                                        \
  {.struct_size = sizeof(epp_output_description), .name = "energy:well", .shape = EPP_SHAPE_SCALAR},                   \
      {.struct_size = sizeof(epp_output_description), .name = "energy:spring", .shape = EPP_SHAPE_SCALAR},             \
  {                                                                                                                    \
    .struct_size = sizeof(epp_output_description), .name = "dipole", .unit = "e nm", .shape = EPP_SHAPE_VECTOR,        \
    .length = 3                                                                                                        \
  }
#define OUTPUT terms
#define PARAMETERS                                                                                                     \
  {.struct_size = sizeof(epp_parameter), .name = "well", .unit = "kT", .default_value = 0.25, .minimum = 0,            \
   .maximum = 8},                                                                                                      \
  {                                                                                                                    \
    .struct_size = sizeof(epp_parameter), .name = "spring", .default_value = 4.0                                       \
  }
#include "plugin.h"

static void terms(const double *position, uint64_t index, double *values) {
  const double spring = 10.0 * position[1] * position[1];
  switch (index) {
    case 0: values[0] = double_well(position, NULL) - spring; break;
    case 1: values[0] = spring; break;
    default: values[0] = position[0], values[1] = position[1], values[2] = 0.0;
  }
}

static int32_t evaluate_aloud(void *self, const epp_batch *batch, epp_error *error) {
  plugin_host->log(plugin_host->context, EPP_LOG_WARNING, "this is a toy");
  return plugin_evaluate(self, batch, error);
}

#include "entry.h"
