/* Takes outputs in f32, and writes them in f64. */
#define EVALUATE evaluate_badly
#include "quantities.h"

static int32_t evaluate_badly(void *self, const epp_batch *theirs, epp_error *error) {
  epp_batch batch = batch_of(theirs);
  epp_output copies[2];
  const epp_output *outputs[2] = {&copies[0], &copies[1]};
  if (batch.output_count > 2) return plugin_evaluate(self, theirs, error);
  for (uint64_t k = 0; k < batch.output_count; k++) {
    copies[k] = *batch.outputs[k];
    if (copies[k].dtype == EPP_DTYPE_F32) copies[k].dtype = EPP_DTYPE_F64;
  }
  batch.outputs = outputs;
  return plugin_evaluate(self, &batch, error);
}

#include "entry.h"
