/* Every energy of more than 32 configurations at once is NaN; the status says that all is well. */
#define EVALUATE evaluate_few
#include "plugin.h"

static int32_t evaluate_few(void *self, const epp_batch *batch, epp_error *error) {
  plugin_evaluate(self, batch, error);
  for (uint64_t i = 0; batch->count > 32 && i < batch->count; i++) {
    if (batch->energies) batch->energies[i] = NAN;
  }
  return EPP_OK;
}

#include "entry.h"
