/* Takes an index that is too large for one that it has. */
#define EVALUATE evaluate_badly
#define REFUSE take_all
#include "quantities.h"

static int32_t take_all(const epp_batch *batch, epp_error *error) {
  epp_batch without = *batch;
  without.output_count = 0;
  return refuse(&without, error);
}

static int32_t evaluate_badly(void *self, const epp_batch *theirs, epp_error *error) {
  epp_batch batch = batch_of(theirs);
  epp_output copies[2];
  const epp_output *outputs[2] = {&copies[0], &copies[1]};
  for (uint64_t k = 0; k < batch.output_count && k < 2; k++) {
    if (batch.outputs[k]->dtype != EPP_DTYPE_F64) return refuse_call(&batch, EPP_E_UNSUPPORTED, "only f64", error);
    copies[k] = *batch.outputs[k], copies[k].index %= 2;
  }
  if (batch.output_count == 2 && copies[0].index == copies[1].index) {
    return refuse_call(&batch, EPP_E_INVALID_ARGUMENT, "an output twice", error);
  }
  batch.outputs = outputs;
  return plugin_evaluate(self, &batch, error);
}

#include "entry.h"
