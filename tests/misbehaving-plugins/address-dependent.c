/* The last bits depend on where the system has put it in memory. */
#define EVALUATE evaluate_badly
#include "plugin.h"

static char now_here;

static int32_t evaluate_badly(void *self, const epp_batch *theirs, epp_error *error) {
  const epp_batch batch = batch_of(theirs);
  const int32_t code = plugin_evaluate(self, theirs, error);
  const double noise = 1e-9 * (double)((uintptr_t)&now_here >> 12 & 0xffff) / 65536.0;
  for (uint64_t i = 0; batch.energies && i < batch.count; i++) batch.energies[i] += noise;
  return code;
}

#include "entry.h"
