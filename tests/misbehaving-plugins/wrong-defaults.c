/* The default values that it tells are not those that it computes with. */
#define EVALUATE evaluate_badly
#include "tilted.h"

static int32_t evaluate_badly(void *self, const epp_batch *theirs, epp_error *error) {
  static const double other = 1.0;
  epp_batch batch = batch_of(theirs);
  if (!batch.parameters) batch.parameters = &other, batch.parameter_stride = 0;
  return plugin_evaluate(self, &batch, error);
}

#include "entry.h"
