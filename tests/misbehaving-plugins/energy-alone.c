/* Adds something where only the energy is wanted. */
#define EVALUATE evaluate_badly
#include "plugin.h"

static int32_t evaluate_badly(void *self, const epp_batch *theirs, epp_error *error) {
  const int32_t code = plugin_evaluate(self, theirs, error);
  const epp_batch batch = batch_of(theirs);
  for (uint64_t i = 0; i < batch.count && batch.want == EPP_WANT_ENERGY; i++) batch.energies[i] += 0.5;
  return code;
}

#include "entry.h"
