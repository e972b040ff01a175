/* Remembers the last batch by a sum that does not see its order. */
#define EVALUATE evaluate_badly
#include "plugin.h"

static int32_t evaluate_badly(void *self, const epp_batch *theirs, epp_error *error) {
  static __thread uint64_t remembered;
  static __thread double energies[64], gradients[128];
  const epp_batch batch = batch_of(theirs);
  uint64_t sum = batch.count;
  for (uint64_t i = 0; i < batch.count; i++) {
    uint64_t bits[2];
    memcpy(bits, (const double *)batch.positions + i * batch.position_stride, sizeof bits);
    sum += (bits[0] ^ bits[1] >> 7) * 0x9e3779b97f4a7c15u;
  }
  const int32_t code = plugin_evaluate(self, theirs, error);
  const int whole = batch.energies && batch.gradients && batch.count > 1 && batch.count <= 64 && code == EPP_OK;
  if (!whole) return code;
  for (uint64_t i = 0; i < batch.count; i++) {
    double *gradient = (double *)batch.gradients + i * batch.gradient_stride;
    if (sum == remembered) {
      batch.energies[i] = energies[i];
      memcpy(gradient, gradients + 2 * i, 2 * sizeof(double));
    } else {
      energies[i] = batch.energies[i];
      memcpy(gradients + 2 * i, gradient, 2 * sizeof(double));
    }
  }
  remembered = sum;
  return code;
}

#include "entry.h"
