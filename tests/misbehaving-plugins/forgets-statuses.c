/* Writes no status for the last configuration. */
#define EVALUATE evaluate_forgetfully
#include "plugin.h"

static int32_t evaluate_forgetfully(void *self, const epp_batch *batch, epp_error *error) {
  epp_batch shorter = *batch;
  shorter.count = batch->count ? batch->count - 1 : 0;
  return plugin_evaluate(self, &shorter, error);
}

#include "entry.h"
