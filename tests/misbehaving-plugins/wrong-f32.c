/* The gradient in f32 is that of something else. */
#define EVALUATE evaluate_badly
#define DTYPES (EPP_DTYPE_F64 | EPP_DTYPE_F32)
#include "plugin.h"

static int32_t evaluate_badly(void *self, const epp_batch *theirs, epp_error *error) {
  epp_batch batch = batch_of(theirs);
  if (batch.dtype != EPP_DTYPE_F32) return plugin_evaluate(self, theirs, error);
  const float *positions = batch.positions;
  float *gradients = batch.gradients;
  for (uint64_t i = 0; i < batch.count; i++) {
    double position[2], gradient[2], energy;
    for (int k = 0; k < 2; k++) position[k] = positions[i * batch.position_stride + k];
    epp_batch one = batch;
    one.dtype = EPP_DTYPE_F64, one.count = 1, one.positions = position, one.want = 3;
    one.gradients = gradient, one.energies = &energy, one.statuses = batch.statuses + i;
    plugin_evaluate(self, &one, error);
    if (batch.energies) batch.energies[i] = energy;
    for (int k = 0; gradients && k < 2; k++) gradients[i * batch.gradient_stride + k] = 1.01f * (float)gradient[k];
  }
  return EPP_OK;
}

#include "entry.h"
