/* Its golden sample has another energy. */
#define EXTENSION extensions
#include "plugin.h"

static uint64_t one(void *self) {
  (void)self;
  return 1;
}

static int32_t golden(void *self, uint64_t index, epp_sample *out, epp_error *error) {
  static const double positions[2] = {0.5, 0.25};
  const epp_sample sample = {sizeof sample, positions, NULL, NULL, NULL, 3.4375 + 0.001, 1e-6, 0.0};
  (void)self;
  if (index > 0) {
    say(error, "there is one sample");
    return EPP_E_INVALID_ARGUMENT;
  }
  hand_out(out, &sample, sizeof sample);
  return EPP_OK;
}

static const void *extensions(void *self, const char *id) {
  static const epp_reference_extension table = {.struct_size = sizeof table, .count = one, .sample = golden};
  (void)self;
  return strcmp(id, EPP_EXT_REFERENCE) == 0 ? &table : NULL;
}

#include "entry.h"
