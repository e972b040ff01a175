/* Declares that it repeats itself to the last bit, and adds a little noise. */
#define EVALUATE evaluate_badly
#include "plugin.h"

static int32_t evaluate_badly(void *self, const epp_batch *theirs, epp_error *error) {
  static __thread uint64_t calls;
  const epp_batch batch = batch_of(theirs);
  const int32_t code = plugin_evaluate(self, theirs, error);
  calls++;
  for (uint64_t i = 0; batch.energies && i < batch.count; i++) batch.energies[i] += 1e-9 * (double)(calls % 17);
  return code;
}

#include "entry.h"
