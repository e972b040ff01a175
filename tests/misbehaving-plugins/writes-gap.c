/* Clears gradients from the first row to the last, and what lies between. */
#define EVALUATE evaluate_badly
#include "plugin.h"

static int32_t evaluate_badly(void *self, const epp_batch *theirs, epp_error *error) {
  const epp_batch batch = batch_of(theirs);
  for (uint64_t i = 0; batch.gradients && i + 1 < batch.count; i++) {
    for (uint64_t k = 0; k < batch.gradient_stride; k++) ((double *)batch.gradients)[i * batch.gradient_stride + k] = 0.0;
  }
  return plugin_evaluate(self, theirs, error);
}

#include "entry.h"
