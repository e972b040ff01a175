/* Is not periodic, and minds a box that spans nothing. */
#define EVALUATE evaluate_badly
#include "plugin.h"

static int32_t evaluate_badly(void *self, const epp_batch *theirs, epp_error *error) {
  const epp_batch batch = batch_of(theirs);
  const int32_t code = plugin_evaluate(self, theirs, error);
  for (uint64_t i = 0; code == EPP_OK && batch.box && i < batch.count; i++) {
    if (batch.box[i * batch.box_stride] > 0.0) continue;
    batch.statuses[i] = EPP_SAMPLE_OUTSIDE_DOMAIN;
    if (batch.energies) batch.energies[i] = NAN;
  }
  return code;
}

#include "entry.h"
