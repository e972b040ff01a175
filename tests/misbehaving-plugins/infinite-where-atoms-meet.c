/* Two atoms at one place have an infinite energy, and the status of a good one. */
#define ATOMS 2
#define EVALUATE evaluate_badly
#define ENERGY repulsion
#include "plugin.h"

static double repulsion(const double *r, double *gradient) {
  const double x = r[0] - r[2], y = r[1] - r[3], square = x * x + y * y;
  double energy = 1.0 / (1.0 + square);
  for (int k = 0; k < 4; k++) {
    const double d = (k % 2 ? y : x) * (k < 2 ? 1.0 : -1.0);
    gradient[k] = r[k] - 2.0 * d * energy * energy;
  }
  for (int k = 0; k < 4; k++) energy += 0.5 * r[k] * r[k];
  return energy;
}

static int32_t evaluate_badly(void *self, const epp_batch *theirs, epp_error *error) {
  const epp_batch batch = batch_of(theirs);
  const int32_t code = plugin_evaluate(self, theirs, error);
  for (uint64_t i = 0; code == EPP_OK && batch.energies && i < batch.count; i++) {
    const double *r = (const double *)batch.positions + i * batch.position_stride;
    if (batch.statuses[i] == EPP_SAMPLE_OK && r[0] == r[2] && r[1] == r[3]) batch.energies[i] = INFINITY;
  }
  return code;
}

#include "entry.h"
