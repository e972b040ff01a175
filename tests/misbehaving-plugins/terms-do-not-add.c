/* Its energy terms are not all of the energy. */
#define OUTPUTS                                                                                                        \
  {.struct_size = sizeof(epp_output_description), .name = "energy:well", .shape = EPP_SHAPE_SCALAR}, {                 \
    .struct_size = sizeof(epp_output_description), .name = "energy:spring", .shape = EPP_SHAPE_SCALAR                  \
  }
#define OUTPUT terms
#include "plugin.h"

static void terms(const double *r, uint64_t index, double *values) {
  values[0] = index == 0 ? 5.0 * (r[0] * r[0] - 1.0) * (r[0] * r[0] - 1.0) : 9.0 * r[1] * r[1];
}

#include "entry.h"
