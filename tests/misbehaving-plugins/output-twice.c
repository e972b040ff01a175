/* Gives an output twice that is asked for twice. */
#define REFUSE refuse_less
#include "quantities.h"

static int32_t refuse_less(const epp_batch *batch, epp_error *error) {
  epp_batch first = *batch;
  if (batch->output_count == 2 && batch->outputs[0]->index == batch->outputs[1]->index) first.output_count = 1;
  return refuse(&first, error);
}

#include "entry.h"
