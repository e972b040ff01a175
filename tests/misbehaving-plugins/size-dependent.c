/* The last bits depend on the size of the batch. */
#define EVALUATE evaluate_badly
#include "plugin.h"

static int32_t evaluate_badly(void *self, const epp_batch *theirs, epp_error *error) {
  const epp_batch batch = batch_of(theirs);
  const int32_t code = plugin_evaluate(self, theirs, error);
  for (uint64_t i = 0; batch.energies && i < batch.count; i++) batch.energies[i] += 1e-10 * (double)batch.count;
  return code;
}

#include "entry.h"
