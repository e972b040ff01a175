/* Takes NaN for a parameter beyond its range. */
#define EVALUATE evaluate_badly
#include "tilted.h"

static int32_t evaluate_badly(void *self, const epp_batch *theirs, epp_error *error) {
  const epp_batch batch = batch_of(theirs);
  const int32_t code = plugin_evaluate(self, theirs, error);
  for (uint64_t i = 0; batch.parameters && i < batch.count; i++) {
    if (!isfinite(batch.parameters[i * batch.parameter_stride])) batch.statuses[i] = EPP_SAMPLE_OUTSIDE_DOMAIN;
  }
  return code;
}

#include "entry.h"
