/* Its virial is the other way round. */
#define EXTENSION extensions
#define ENERGY trap
#define DIMENSIONS 3
static double trap(const double *position, double *gradient);
#include "plugin.h"

static double trap(const double *r, double *gradient) {
  for (int k = 0; k < 3; k++) gradient[k] = (k + 1) * r[k];
  return 0.5 * (r[0] * r[0] + 2.0 * r[1] * r[1] + 3.0 * r[2] * r[2]);
}

static int32_t virials_of(void *self, const epp_batch *theirs, double *virials, epp_error *error) {
  (void)self, (void)error;
  const epp_batch batch = batch_of(theirs);
  for (uint64_t i = 0; i < batch.count; i++) {
    const double *r = (const double *)batch.positions + i * batch.position_stride;
    double gradient[3];
    trap(r, gradient);
    for (int j = 0; j < 9; j++) virials[9 * i + j] = gradient[j / 3] * r[j % 3];
    batch.statuses[i] = EPP_SAMPLE_OK;
  }
  return EPP_OK;
}

static const void *extensions(void *self, const char *id) {
  (void)self;
  static const epp_virial_extension table = {.struct_size = sizeof table, .evaluate = virials_of};
  return strcmp(id, EPP_EXT_VIRIAL) == 0 ? &table : NULL;
}

#include "entry.h"
