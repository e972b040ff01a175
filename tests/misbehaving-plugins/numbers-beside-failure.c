/* Leaves an energy beside a status that says there is none. */
#define EVALUATE evaluate_badly
#include "plugin.h"

static int32_t evaluate_badly(void *self, const epp_batch *theirs, epp_error *error) {
  const int32_t code = plugin_evaluate(self, theirs, error);
  const epp_batch batch = batch_of(theirs);
  for (uint64_t i = 0; i < batch.count; i++) {
    if (batch.statuses[i] == EPP_SAMPLE_NON_FINITE_INPUT && batch.energies) batch.energies[i] = 0.0;
  }
  return code;
}

#include "entry.h"
