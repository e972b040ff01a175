/* Nothing is wrong with it; it needs a box. */
#define PERIODIC 3
#define EVALUATE evaluate_waves
#include "plugin.h"

static __thread double side;

static double waves(const double *position, double *gradient) {
  const double wave = 2.0 * acos(-1.0) / side;
  double energy = 0.0;
  for (int k = 0; k < 2; k++) {
    energy += 5.0 - 5.0 * cos(wave * position[k]);
    gradient[k] = 5.0 * wave * sin(wave * position[k]);
  }
  return energy;
}

static int32_t evaluate_waves(void *self, const epp_batch *theirs, epp_error *error) {
  const epp_batch batch = batch_of(theirs);
  if (batch.dtype != EPP_DTYPE_F64) return refuse_call(&batch, EPP_E_UNSUPPORTED, "only f64", error);
  if (!batch.box && batch.count) return refuse_call(&batch, EPP_E_INVALID_ARGUMENT, "no box", error);
  (void)self;
  for (uint64_t i = 0; i < batch.count; i++) {
    side = batch.box ? batch.box[i * batch.box_stride] : 3.0;
    evaluate_one(&batch, i, waves);
  }
  return EPP_OK;
}

#include "entry.h"
