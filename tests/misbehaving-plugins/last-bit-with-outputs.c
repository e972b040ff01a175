/* The last bit of the energy is another one where something else is wanted too. */
#define EVALUATE evaluate_badly
#include "quantities.h"

static int32_t evaluate_badly(void *self, const epp_batch *theirs, epp_error *error) {
  const epp_batch batch = batch_of(theirs);
  const int32_t code = plugin_evaluate(self, theirs, error);
  for (uint64_t i = 0; code == EPP_OK && batch.output_count && batch.want & EPP_WANT_ENERGY && i < batch.count; i++) {
    batch.energies[i] = nextafter(batch.energies[i], INFINITY);
  }
  return code;
}

#include "entry.h"
