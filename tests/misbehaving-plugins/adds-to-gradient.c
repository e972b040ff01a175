/* Adds to the gradient whatever was there. */
#define EVALUATE evaluate_badly
#include "plugin.h"

static int32_t evaluate_badly(void *self, const epp_batch *theirs, epp_error *error) {
  const epp_batch batch = batch_of(theirs);
  double before[1024];
  const uint64_t some = batch.count < 512 ? batch.count : 512;
  for (uint64_t i = 0; batch.gradients && i < some; i++) {
    memcpy(before + 2 * i, (double *)batch.gradients + i * batch.gradient_stride, 2 * sizeof(double));
  }
  const int32_t code = plugin_evaluate(self, theirs, error);
  for (uint64_t i = 0; batch.gradients && i < some; i++) {
    double *gradient = (double *)batch.gradients + i * batch.gradient_stride;
    for (int k = 0; k < 2 && batch.statuses[i] == EPP_SAMPLE_OK; k++) gradient[k] += before[2 * i + k];
  }
  return code;
}

#include "entry.h"
