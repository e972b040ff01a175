/* Its golden sample has another energy. */
#define EXTENSION extensions
#include "plugin.h"

static uint64_t one(void *self) {
  (void)self;
  return 1;
}

static int32_t golden(void *self, uint64_t index, double *positions, double *energy, double *tolerance,
                      epp_error *error) {
  (void)self, (void)index, (void)error;
  positions[0] = 0.5, positions[1] = 0.25;
  *energy = 3.4375 + 0.001;
  *tolerance = 1e-6;
  return EPP_OK;
}

static const void *extensions(void *self, const char *id) {
  (void)self;
  static const epp_reference_extension table = {.struct_size = sizeof table, .count = one, .sample = golden};
  return strcmp(id, EPP_EXT_REFERENCE) == 0 ? &table : NULL;
}

#include "entry.h"
