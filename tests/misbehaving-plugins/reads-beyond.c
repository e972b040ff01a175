/* Reads one number behind the positions. */
#define EVALUATE evaluate_badly
#include "plugin.h"

static int32_t evaluate_badly(void *self, const epp_batch *theirs, epp_error *error) {
  static volatile double looked;
  const epp_batch batch = batch_of(theirs);
  if (batch.count) looked = ((const double *)batch.positions)[(batch.count - 1) * batch.position_stride + ROW];
  (void)looked;
  return plugin_evaluate(self, theirs, error);
}

#include "entry.h"
