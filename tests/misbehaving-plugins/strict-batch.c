/* Takes the epp_batch of one version only. */
#define EVALUATE evaluate_badly
#include "plugin.h"

static int32_t evaluate_badly(void *self, const epp_batch *theirs, epp_error *error) {
  if (theirs->struct_size != sizeof(epp_batch)) {
    say(error, "an epp_batch of another size");
    return EPP_E_INVALID_ARGUMENT;
  }
  return plugin_evaluate(self, theirs, error);
}

#include "entry.h"
