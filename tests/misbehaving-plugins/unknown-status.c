/* Invents a status. */
#define EVALUATE evaluate_inventively
#include "plugin.h"

static int32_t evaluate_inventively(void *self, const epp_batch *batch, epp_error *error) {
  plugin_evaluate(self, batch, error);
  if (batch->count > 1) batch->statuses[1] = 77;
  return EPP_OK;
}

#include "entry.h"
