/* Takes what is not finite for zero, and says that all is well. */
#define EVALUATE evaluate_badly
#include "plugin.h"

static int32_t evaluate_badly(void *self, const epp_batch *theirs, epp_error *error) {
  epp_batch batch = batch_of(theirs);
  int finite = 1;
  for (uint64_t i = 0; i < batch.count; i++) {
    for (int k = 0; k < 2; k++) {
      if (!isfinite(((const double *)batch.positions)[i * batch.position_stride + k])) finite = 0;
    }
  }
  if (finite) return plugin_evaluate(self, theirs, error);
  const double zero[2] = {0.0, 0.0};
  for (uint64_t i = 0; i < batch.count; i++) {
    epp_batch one = batch;
    one.count = 1, one.statuses += i;
    one.positions = (const double *)batch.positions + i * batch.position_stride;
    for (int k = 0; k < 2; k++) {
      if (!isfinite(((const double *)one.positions)[k])) one.positions = zero;
    }
    if (one.energies) one.energies += i;
    if (one.gradients) one.gradients = (double *)batch.gradients + i * batch.gradient_stride;
    plugin_evaluate(self, &one, error);
  }
  return EPP_OK;
}

#include "entry.h"
