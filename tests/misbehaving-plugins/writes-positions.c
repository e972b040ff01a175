/* Scales the caller's positions for a moment, and back. */
#define EVALUATE evaluate_badly
#include "plugin.h"

static int32_t evaluate_badly(void *self, const epp_batch *theirs, epp_error *error) {
  const epp_batch batch = batch_of(theirs);
  for (uint64_t i = 0; i < batch.count; i++) {
    volatile double *x = (double *)batch.positions + i * batch.position_stride;
    *x = *x * 2.0;
    *x = *x * 0.5;
  }
  return plugin_evaluate(self, theirs, error);
}

#include "entry.h"
