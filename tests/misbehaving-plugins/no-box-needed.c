/* Says that it is periodic, and takes a box of its own where there is none. */
#define EVALUATE evaluate_badly
#include "lattice.h"

static int32_t evaluate_badly(void *self, const epp_batch *theirs, epp_error *error) {
  static const double own[9] = {3, 0, 0, 0, 3, 0, 0, 0, 3};
  epp_batch batch = batch_of(theirs);
  if (!batch.box) batch.box = own, batch.box_stride = 0;
  return plugin_evaluate(self, &batch, error);
}

#include "entry.h"
