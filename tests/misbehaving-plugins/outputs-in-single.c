/* Where positions are f32, it writes its outputs in f32 too, although they are wanted in f64. */
#define EVALUATE evaluate_in_both
#define DTYPES (EPP_DTYPE_F64 | EPP_DTYPE_F32)
#define OUTPUT_IN_SINGLE write_in_single
#include "quantities.h"

static void write_in_single(double *numbers, uint64_t count) {
  for (uint64_t k = 0; k < count; k++) {
    const float single = (float)numbers[k];
    memcpy((char *)numbers + k * sizeof single, &single, sizeof single);
  }
}

#include "both.h"

#include "entry.h"
