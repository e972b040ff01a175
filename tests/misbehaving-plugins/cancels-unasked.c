/* Says of what is not finite that it was cancelled. */
#define EVALUATE evaluate_badly
#include "plugin.h"

static int32_t evaluate_badly(void *self, const epp_batch *theirs, epp_error *error) {
  const epp_batch batch = batch_of(theirs);
  const int32_t code = plugin_evaluate(self, theirs, error);
  for (uint64_t i = 0; code == EPP_OK && i < batch.count; i++) {
    if (batch.statuses[i] == EPP_SAMPLE_NON_FINITE_INPUT) batch.statuses[i] = EPP_SAMPLE_CANCELLED;
  }
  return code;
}

#include "entry.h"
