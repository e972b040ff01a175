/* For about a tenth of the configurations, always the same ones, the energy is NaN; the status says that all is well. */
#define EVALUATE evaluate_with_holes
#include "plugin.h"

static int32_t evaluate_with_holes(void *self, const epp_batch *batch, epp_error *error) {
  plugin_evaluate(self, batch, error);
  const uint64_t from = batch->position_stride ? batch->position_stride : 2;
  for (uint64_t i = 0; i < batch->count; i++) {
    uint64_t bits;
    memcpy(&bits, (const double *)batch->positions + i * from, sizeof bits);
    if ((bits * 0x9e3779b97f4a7c15u >> 32) % 10 == 0 && batch->energies) batch->energies[i] = NAN;
  }
  return EPP_OK;
}

#include "entry.h"
