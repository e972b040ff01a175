/* Refuses every batch. */
#define EVALUATE failing_evaluate
#include "plugin.h"

static int32_t failing_evaluate(void *self, const epp_batch *batch, epp_error *error) {
  (void)self;
  for (uint64_t i = 0; i < batch->count; i++) batch->statuses[i] = EPP_SAMPLE_INTERNAL;
  say(error, "the GPU fell off the bus");
  return EPP_E_INTERNAL;
}

#include "entry.h"
