/* One configuration that is not finite fails its whole batch. */
#define EVALUATE evaluate_badly
#include "plugin.h"

static int32_t evaluate_badly(void *self, const epp_batch *theirs, epp_error *error) {
  const epp_batch batch = batch_of(theirs);
  const int32_t code = plugin_evaluate(self, theirs, error);
  int bad = 0;
  for (uint64_t i = 0; i < batch.count; i++) bad |= batch.statuses[i] == EPP_SAMPLE_NON_FINITE_INPUT;
  for (uint64_t i = 0; bad && i < batch.count; i++) {
    batch.statuses[i] = EPP_SAMPLE_NON_FINITE_INPUT;
    if (batch.energies) batch.energies[i] = NAN;
    for (int k = 0; batch.gradients && k < 2; k++) ((double *)batch.gradients)[i * batch.gradient_stride + k] = 0.0;
  }
  return code;
}

#include "entry.h"
