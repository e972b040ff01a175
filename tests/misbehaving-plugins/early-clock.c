/* Cancels its first call, although nobody has asked for that: as if its clock were ahead of its host's. */
#define EVALUATE evaluate_early
#include "plugin.h"

static int32_t evaluate_early(void *self, const epp_batch *theirs, epp_error *error) {
  static int calls;
  const int32_t code = plugin_evaluate(self, theirs, error);
  if (code == EPP_OK && calls++ == 0) {
    theirs->statuses[0] = EPP_SAMPLE_CANCELLED;
    if (theirs->energies) theirs->energies[0] = NAN;
  }
  return code;
}

#include "entry.h"
