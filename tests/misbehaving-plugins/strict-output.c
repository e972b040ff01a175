/* Takes the epp_output of one version only. */
#define REFUSE refuse_more
#include "quantities.h"

static int32_t refuse_more(const epp_batch *batch, epp_error *error) {
  for (uint64_t k = 0; k < batch->output_count; k++) {
    if (batch->outputs[k]->struct_size != sizeof(epp_output)) {
      return refuse_call(batch, EPP_E_INVALID_ARGUMENT, "an epp_output of another size", error);
    }
  }
  return refuse(batch, error);
}

#include "entry.h"
