/* Takes batches that need what it does not know. */
#define REFUSE refuse_less
#include "plugin.h"

static int32_t refuse_less(const epp_batch *batch, epp_error *error) {
  epp_batch known = *batch;
  known.required = 0;
  return refuse(&known, error);
}

#include "entry.h"
