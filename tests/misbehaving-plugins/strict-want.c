/* Refuses what it does not know and may ignore: a bit of want. */
#define REFUSE refuse_more
#include "plugin.h"

static int32_t refuse_more(const epp_batch *batch, epp_error *error) {
  if (batch->want & ~(uint32_t)(EPP_WANT_ENERGY | EPP_WANT_GRADIENT)) {
    return refuse_call(batch, EPP_E_UNSUPPORTED, "wants more than energy and gradient", error);
  }
  return refuse(batch, error);
}

#include "entry.h"
