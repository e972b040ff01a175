/* Loses what it rests on where x is 100 or more: every call of that instance fails from then on. */
#define EVALUATE evaluate_until_lost
#define STATE int lost;
#include "plugin.h"

static int32_t evaluate_until_lost(void *self, const epp_batch *theirs, epp_error *error) {
  const epp_batch batch = batch_of(theirs);
  int *lost = &((instance *)self)->lost;
  for (uint64_t i = 0; i < batch.count; i++) {
    if (((const double *)batch.positions)[i * batch.position_stride] >= 100.0) *lost = 1;
  }
  if (*lost) return refuse_call(&batch, EPP_E_LOST, "the GPU fell off the bus", error);
  return plugin_evaluate(self, theirs, error);
}

#include "entry.h"
