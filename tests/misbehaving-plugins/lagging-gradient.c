/* From step to step of a run, the gradient is the one of the step before: a neighbour list made too seldom. */
#define EVALUATE evaluate_badly
#include "plugin.h"

static int32_t evaluate_badly(void *self, const epp_batch *theirs, epp_error *error) {
  static __thread double last[2] = {1e9, 1e9};
  const epp_batch batch = batch_of(theirs);
  const int32_t code = plugin_evaluate(self, theirs, error);
  if (code != EPP_OK || batch.count != 1 || !batch.gradients || batch.statuses[0] != EPP_SAMPLE_OK) return code;
  const double *position = batch.positions;
  if (fabs(last[0] - position[0]) + fabs(last[1] - position[1]) < 0.05) double_well(last, batch.gradients);
  memcpy(last, position, sizeof last);
  return code;
}

#include "entry.h"
