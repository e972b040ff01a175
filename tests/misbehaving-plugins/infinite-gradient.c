/* The gradient is infinite where x is negative; the status says that all is well. */
#define EVALUATE evaluate_to_infinity
#include "plugin.h"

static int32_t evaluate_to_infinity(void *self, const epp_batch *theirs, epp_error *error) {
  const epp_batch batch = batch_of(theirs);
  const int32_t code = plugin_evaluate(self, theirs, error);
  for (uint64_t i = 0; code == EPP_OK && i < batch.count; i++) {
    if (((const double *)batch.positions)[i * batch.position_stride] < 0 && batch.gradients) {
      ((double *)batch.gradients)[i * batch.gradient_stride] = INFINITY;
    }
  }
  return code;
}

#include "entry.h"
