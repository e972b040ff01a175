/* Every energy is NaN; the status says that all is well. */
#define EVALUATE evaluate_to_nan
#include "plugin.h"

static int32_t evaluate_to_nan(void *self, const epp_batch *batch, epp_error *error) {
  plugin_evaluate(self, batch, error);
  for (uint64_t i = 0; i < batch->count; i++) {
    if (batch->energies) batch->energies[i] = NAN;
  }
  return EPP_OK;
}

#include "entry.h"
