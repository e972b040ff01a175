/* Evaluates f32 as well as f64: a file includes this after plugin.h, and may define what becomes of the numbers in f32. */
#ifndef ENERGY_IN_SINGLE
#define ENERGY_IN_SINGLE(energy) (energy)
#endif
#ifndef GRADIENT_IN_SINGLE
#define GRADIENT_IN_SINGLE(gradient) (gradient)
#endif
/* void OUTPUT_IN_SINGLE(double *numbers, uint64_t count) */
#ifndef OUTPUT_IN_SINGLE
#define OUTPUT_IN_SINGLE(numbers, count) (void)0
#endif

static int32_t evaluate_in_both(void *self, const epp_batch *theirs, epp_error *error) {
  epp_batch batch = batch_of(theirs);
  const float *positions = (const float *)batch.positions;
  float *gradients = (float *)batch.gradients;
  epp_output copies[4];
  const epp_output *outputs[4] = {&copies[0], &copies[1], &copies[2], &copies[3]};
  int32_t code;
  if (batch.dtype != EPP_DTYPE_F32) return plugin_evaluate(self, theirs, error);
  batch.dtype = EPP_DTYPE_F64;
  code = REFUSE(&batch, error);
  if (code != EPP_OK) return code;
  for (uint64_t i = 0; i < batch.count; i++) {
    double position[ROW], gradient[ROW], energy;
    epp_batch one = batch;
    for (int k = 0; k < ROW; k++) position[k] = positions[i * batch.position_stride + k];
    one.count = 1, one.first += i, one.statuses += i;
    one.positions = position, one.want = EPP_WANT_ENERGY | EPP_WANT_GRADIENT;
    one.gradients = gradient, one.energies = &energy;
    for (uint64_t k = 0; k < batch.output_count; k++) copies[k] = *batch.outputs[k], copies[k].data = place_of(&batch, k, i);
    one.outputs = outputs;
    plugin_evaluate(self, &one, error);
    if (batch.want & EPP_WANT_ENERGY) batch.energies[i] = ENERGY_IN_SINGLE(energy);
    for (int k = 0; k < ROW && batch.want & EPP_WANT_GRADIENT; k++) {
      gradients[i * batch.gradient_stride + k] = (float)GRADIENT_IN_SINGLE(gradient[k]);
    }
    for (uint64_t k = 0; k < batch.output_count; k++) {
      OUTPUT_IN_SINGLE((double *)copies[k].data, length_of(&OUTPUTS[copies[k].index]));
    }
  }
  return EPP_OK;
}
