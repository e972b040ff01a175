/* Of a batch above its largest, it does what it can, and says nothing of the rest. */
#define MAX_BATCH 3
#define EVALUATE evaluate_badly
#include "plugin.h"

static int32_t evaluate_badly(void *self, const epp_batch *theirs, epp_error *error) {
  epp_batch batch = batch_of(theirs);
  if (batch.count > MAX_BATCH) batch.count = MAX_BATCH;
  return plugin_evaluate(self, &batch, error);
}

#include "entry.h"
