/* Has no gradient, and gives zeros. */
#define INFO_REQUIRED EPP_INFO_NO_GRADIENT
#define REFUSE refuse_less
#define EVALUATE evaluate_badly
#include "plugin.h"

static int32_t refuse_less(const epp_batch *batch, epp_error *error) {
  epp_batch energies = *batch;
  energies.want &= ~EPP_WANT_GRADIENT;
  return refuse(&energies, error);
}

static int32_t evaluate_badly(void *self, const epp_batch *theirs, epp_error *error) {
  const epp_batch batch = batch_of(theirs);
  const int32_t code = plugin_evaluate(self, theirs, error);
  for (uint64_t i = 0; batch.gradients && i < batch.count; i++) {
    for (int k = 0; k < ROW; k++) ((double *)batch.gradients)[i * batch.gradient_stride + k] = 0.0;
  }
  return code;
}

#include "entry.h"
