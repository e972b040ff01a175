/* Writes one number behind the gradients. */
#define EVALUATE evaluate_badly
#include "plugin.h"

static int32_t evaluate_badly(void *self, const epp_batch *theirs, epp_error *error) {
  const epp_batch batch = batch_of(theirs);
  if (batch.gradients && batch.count) ((double *)batch.gradients)[(batch.count - 1) * batch.gradient_stride + ROW] = 0.0;
  return plugin_evaluate(self, theirs, error);
}

#include "entry.h"
