/* Refuses a batch of nothing. */
#define EVALUATE evaluate_badly
#include "plugin.h"

static int32_t evaluate_badly(void *self, const epp_batch *theirs, epp_error *error) {
  if (theirs->count == 0) {
    say(error, "a batch of nothing");
    return EPP_E_INVALID_ARGUMENT;
  }
  return plugin_evaluate(self, theirs, error);
}

#include "entry.h"
