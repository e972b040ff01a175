/* Takes all outputs for packed. */
#define EVALUATE evaluate_badly
#include "quantities.h"

static int32_t evaluate_badly(void *self, const epp_batch *theirs, epp_error *error) {
  epp_batch batch = batch_of(theirs);
  epp_output copies[2];
  const epp_output *outputs[2] = {&copies[0], &copies[1]};
  const int32_t code = REFUSE(&batch, error);
  if (code != EPP_OK) return code;
  for (uint64_t k = 0; k < batch.output_count; k++) copies[k] = *batch.outputs[k], copies[k].stride = 0;
  batch.outputs = outputs;
  return plugin_evaluate(self, &batch, error);
}

#include "entry.h"
