/* Writes one number behind an output. */
#define EVALUATE evaluate_badly
#include "quantities.h"

static int32_t evaluate_badly(void *self, const epp_batch *theirs, epp_error *error) {
  const epp_batch batch = batch_of(theirs);
  const int32_t code = plugin_evaluate(self, theirs, error);
  for (uint64_t k = 0; code == EPP_OK && batch.count && k < batch.output_count; k++) {
    place_of(&batch, k, batch.count - 1)[length_of(&OUTPUTS[batch.outputs[k]->index])] = 0.0;
  }
  return code;
}

#include "entry.h"
