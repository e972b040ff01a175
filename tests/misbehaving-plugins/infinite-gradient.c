/* The gradient is infinite where x is negative; the status says that all is well. */
#define EVALUATE evaluate_to_infinity
#include "plugin.h"

static int32_t evaluate_to_infinity(void *self, const epp_batch *batch, epp_error *error) {
  plugin_evaluate(self, batch, error);
  const uint64_t from = batch->position_stride ? batch->position_stride : 2;
  const uint64_t to = batch->gradient_stride ? batch->gradient_stride : 2;
  for (uint64_t i = 0; i < batch->count; i++) {
    if (((const double *)batch->positions)[i * from] < 0 && batch->gradients) {
      ((double *)batch->gradients)[i * to] = INFINITY;
    }
  }
  return EPP_OK;
}

#include "entry.h"
