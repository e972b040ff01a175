/* Clears outputs from the first to the last, and what lies between. */
#define EVALUATE evaluate_badly
#include "quantities.h"

static int32_t evaluate_badly(void *self, const epp_batch *theirs, epp_error *error) {
  const epp_batch batch = batch_of(theirs);
  const int32_t code = plugin_evaluate(self, theirs, error);
  for (uint64_t k = 0; code == EPP_OK && k < batch.output_count; k++) {
    const uint64_t width = length_of(&OUTPUTS[batch.outputs[k]->index]);
    if (batch.outputs[k]->stride <= width) continue;
    for (uint64_t i = 0; i + 1 < batch.count; i++) place_of(&batch, k, i)[width] = 0.0;
  }
  return code;
}

#include "entry.h"
