/* Computes nothing where the energy is not wanted. */
#define EVALUATE evaluate_badly
#include "quantities.h"

static int32_t evaluate_badly(void *self, const epp_batch *theirs, epp_error *error) {
  epp_batch batch = batch_of(theirs);
  const int32_t code = plugin_evaluate(self, theirs, error);
  if (code == EPP_OK && batch.output_count && !(batch.want & EPP_WANT_ENERGY)) {
    for (uint64_t i = 0; i < batch.count; i++) *place_of(&batch, 0, i) = 0.0;
  }
  return code;
}

#include "entry.h"
