/* Does not look at the flag. */
#define EVALUATE evaluate_badly
#include "plugin.h"

static int32_t evaluate_badly(void *self, const epp_batch *theirs, epp_error *error) {
  epp_batch batch = batch_of(theirs);
  batch.cancel = NULL;
  return plugin_evaluate(self, &batch, error);
}

#include "entry.h"
