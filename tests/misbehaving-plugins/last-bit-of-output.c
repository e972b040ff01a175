/* The last bit of an output depends on the batch. */
#define EVALUATE evaluate_badly
#include "quantities.h"

static int32_t evaluate_badly(void *self, const epp_batch *theirs, epp_error *error) {
  const epp_batch batch = batch_of(theirs);
  const int32_t code = plugin_evaluate(self, theirs, error);
  for (uint64_t k = 0; code == EPP_OK && batch.count > 2 && k < batch.output_count; k++) {
    for (uint64_t i = 0; i < batch.count; i++) *place_of(&batch, k, i) = nextafter(*place_of(&batch, k, i), INFINITY);
  }
  return code;
}

#include "entry.h"
