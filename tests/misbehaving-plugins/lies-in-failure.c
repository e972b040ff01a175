/* Says that every second configuration is outside its domain, but leaves numbers that look good. */
#define EVALUATE evaluate_grudgingly
#include "plugin.h"

static int32_t evaluate_grudgingly(void *self, const epp_batch *batch, epp_error *error) {
  plugin_evaluate(self, batch, error);
  for (uint64_t i = 1; i < batch->count; i += 2) batch->statuses[i] = EPP_SAMPLE_OUTSIDE_DOMAIN;
  return EPP_OK;
}

#include "entry.h"
