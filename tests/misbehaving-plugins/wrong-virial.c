/* Its virial is the other way round. */
#define OUTPUTS                                                                                                        \
  { .struct_size = sizeof(epp_output_description), .name = "virial", .shape = EPP_SHAPE_MATRIX }
#define OUTPUT virial
#define ENERGY trap
#define DIMENSIONS 3
static double trap(const double *position, double *gradient);
#include "plugin.h"

static double trap(const double *r, double *gradient) {
  for (int k = 0; k < 3; k++) gradient[k] = (k + 1) * r[k];
  return 0.5 * (r[0] * r[0] + 2.0 * r[1] * r[1] + 3.0 * r[2] * r[2]);
}

static void virial(const double *r, uint64_t index, double *values) {
  (void)index;
  double gradient[3];
  trap(r, gradient);
  for (int j = 0; j < 9; j++) values[j] = gradient[j / 3] * r[j % 3];
}

#include "entry.h"
