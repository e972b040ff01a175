/* Has one global parameter, and reads two. */
#define PARAMETERS                                                                                                     \
  { .struct_size = sizeof(epp_parameter), .name = "well" }
#define EVALUATE evaluate_badly
#include "plugin.h"

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
