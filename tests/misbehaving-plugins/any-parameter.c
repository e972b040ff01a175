/* Takes a parameter beyond its range for the end of it. */
#define EVALUATE evaluate_badly
#include "tilted.h"

static int32_t evaluate_badly(void *self, const epp_batch *theirs, epp_error *error) {
  epp_batch batch = batch_of(theirs);
  double values[64];
  if (batch.parameters && batch.count == 1 && isfinite(batch.parameters[0])) {
    values[0] = fmax(-2.0, fmin(2.0, batch.parameters[0]));
    batch.parameters = values;
  }
  return plugin_evaluate(self, &batch, error);
}

#include "entry.h"
