/* Not bad: it writes outputs in f32 where they are wanted so. */
#define EVALUATE evaluate_outputs_in_both
#define REFUSE refuse_less
#include "quantities.h"


/* An output in f32 has no fault; the rest is as ever. */
static int32_t refuse_less(const epp_batch *batch, epp_error *error) {
  epp_batch as_double = *batch;
  epp_output copies[4];
  const epp_output *outputs[4] = {&copies[0], &copies[1], &copies[2], &copies[3]};
  if (batch->output_count > 4) return refuse(batch, error);
  for (uint64_t k = 0; k < batch->output_count; k++) {
    copies[k] = *batch->outputs[k];
    if (copies[k].dtype == EPP_DTYPE_F32) copies[k].dtype = EPP_DTYPE_F64;
  }
  as_double.outputs = outputs;
  return refuse(&as_double, error);
}

static int32_t evaluate_outputs_in_both(void *self, const epp_batch *theirs, epp_error *error) {
  epp_batch batch = batch_of(theirs), as_double = batch;
  epp_output copies[4];
  const epp_output *outputs[4] = {&copies[0], &copies[1], &copies[2], &copies[3]};
  int32_t code = REFUSE(&batch, error);
  if (code != EPP_OK) return code;
  for (uint64_t k = 0; k < batch.output_count; k++) {
    copies[k] = *batch.outputs[k];
    if (copies[k].dtype == EPP_DTYPE_F64) continue;
    copies[k].dtype = EPP_DTYPE_F64, copies[k].stride = 0;
    copies[k].data = calloc(batch.count + 1, length_of(&OUTPUTS[copies[k].index]) * sizeof(double));
    if (!copies[k].data) abort();
  }
  as_double.outputs = outputs;
  code = plugin_evaluate(self, &as_double, error);
  for (uint64_t k = 0; k < batch.output_count; k++) {
    const epp_output *asked = batch.outputs[k];
    const uint64_t length = length_of(&OUTPUTS[asked->index]), stride = asked->stride ? asked->stride : length;
    const double *numbers = (const double *)copies[k].data;
    if (asked->dtype == EPP_DTYPE_F64) continue;
    for (uint64_t i = 0; i < batch.count; i++) {
      for (uint64_t n = 0; n < length; n++) ((float *)asked->data)[i * stride + n] = (float)numbers[i * length + n];
    }
    free(copies[k].data);
  }
  return code;
}

#include "entry.h"
