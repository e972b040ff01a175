/* Takes all boxes for rectangular ones along the axes. */
#define EVALUATE evaluate_badly
#define SYMMETRIES EPP_SYMMETRY_ROTATION
#include "lattice.h"

static int32_t evaluate_badly(void *self, const epp_batch *theirs, epp_error *error) {
  epp_batch batch = batch_of(theirs);
  double *boxes = (double *)calloc(batch.count + 1, 9 * sizeof(double));
  for (uint64_t i = 0; boxes && batch.box && i < batch.count; i++) {
    for (int k = 0; k < 3; k++) boxes[9 * i + 4 * k] = batch.box[i * batch.box_stride + 4 * k];
    /* What is wrong with it stays wrong. */
    if (status_of_box(batch.box + i * batch.box_stride)) memcpy(boxes + 9 * i, batch.box + i * batch.box_stride, 9 * sizeof(double));
  }
  if (batch.box) batch.box = boxes, batch.box_stride = 9;
  const int32_t code = plugin_evaluate(self, &batch, error);
  free(boxes);
  return code;
}

#include "entry.h"
