/* Writes to where nothing is. */
#define EVALUATE evaluate_badly
#include "plugin.h"

static int32_t evaluate_badly(void *self, const epp_batch *theirs, epp_error *error) {
  const epp_batch batch = batch_of(theirs);
  if (batch.count) *(volatile int *)8 = 1;
  return plugin_evaluate(self, theirs, error);
}

#include "entry.h"
