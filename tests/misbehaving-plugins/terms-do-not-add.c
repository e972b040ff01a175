/* Its energy terms are not all of the energy. */
#define EXTENSION extensions
#include "plugin.h"

static uint64_t two(void *self) {
  (void)self;
  return 2;
}

static const char *name(void *self, uint64_t index) {
  (void)self;
  return index == 0 ? "well" : index == 1 ? "spring" : NULL;
}

static int32_t terms_of(void *self, const epp_batch *theirs, double *terms, epp_error *error) {
  (void)self, (void)error;
  const epp_batch batch = batch_of(theirs);
  for (uint64_t i = 0; i < batch.count; i++) {
    const double *r = (const double *)batch.positions + i * batch.position_stride;
    terms[2 * i] = 5.0 * (r[0] * r[0] - 1.0) * (r[0] * r[0] - 1.0);
    terms[2 * i + 1] = 9.0 * r[1] * r[1];
    batch.statuses[i] = EPP_SAMPLE_OK;
  }
  return EPP_OK;
}

static const void *extensions(void *self, const char *id) {
  (void)self;
  static const epp_components_extension table = {
      .struct_size = sizeof table, .count = two, .name = name, .evaluate = terms_of};
  return strcmp(id, EPP_EXT_COMPONENTS) == 0 ? &table : NULL;
}

#include "entry.h"
