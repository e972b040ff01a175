/* Keeps a number of its own before the energies. */
#define EVALUATE evaluate_badly
#include "plugin.h"

static int32_t evaluate_badly(void *self, const epp_batch *theirs, epp_error *error) {
  const epp_batch batch = batch_of(theirs);
  if (batch.energies) ((volatile double *)batch.energies)[-1] = (double)batch.count;
  return plugin_evaluate(self, theirs, error);
}

#include "entry.h"
