/* The energy depends on the place in the batch. */
#define EVALUATE evaluate_badly
#include "plugin.h"

static int32_t evaluate_badly(void *self, const epp_batch *theirs, epp_error *error) {
  const int32_t code = plugin_evaluate(self, theirs, error);
  const epp_batch batch = batch_of(theirs);
  for (uint64_t i = 0; i < batch.count && batch.energies; i++) batch.energies[i] += 0.01 * (double)i;
  return code;
}

#include "entry.h"
