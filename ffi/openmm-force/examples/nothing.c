/* A potential of 22 atoms that is zero everywhere: what is left is the cost of asking. */
#include <stddef.h>
#include <string.h>

#include "epp.h"

enum { COORDINATES = 66 };

static int32_t nothing_info(void *self, epp_info *info, epp_error *error) {
  (void)self, (void)error;
  info->atoms = COORDINATES / 3;
  info->dimensions = 3;
  info->threads_inside = 1;
  return EPP_OK;
}

static int32_t nothing_evaluate(void *self, const epp_batch *batch, epp_error *error) {
  (void)self, (void)error;
  const uint64_t to = batch->gradient_stride ? batch->gradient_stride : COORDINATES;
  for (uint64_t i = 0; i < batch->count; i++) {
    if (batch->energies) batch->energies[i] = 0.0;
    if (batch->gradients) memset((double *)batch->gradients + i * to, 0, COORDINATES * sizeof(double));
    batch->statuses[i] = EPP_SAMPLE_OK;
  }
  return EPP_OK;
}

static void nothing_destroy(void *self) { (void)self; }

static int32_t create(const epp_create *request, epp_potential **out, epp_error *error) {
  (void)error;
  static epp_potential potential = {
      .struct_size = sizeof(epp_potential),
      .info = nothing_info,
      .evaluate = nothing_evaluate,
      .destroy = nothing_destroy,
  };
  if (strcmp(request->id, "nothing") != 0) return EPP_E_UNKNOWN_ID;
  *out = &potential;
  return EPP_OK;
}

static uint32_t count(void) { return 1; }

static const epp_descriptor *descriptor(uint32_t index) {
  static const epp_descriptor descriptor = {
      .struct_size = sizeof(epp_descriptor),
      .id = "nothing",
      .name = "Nothing",
      .version = "1.0.0",
      .thread_model = EPP_THREADS_CONCURRENT,
      .determinism = EPP_DETERMINISM_BITWISE,
      .dtypes = EPP_DTYPE_F64,
  };
  return index == 0 ? &descriptor : NULL;
}

EPP_EXPORT const epp_entry epp_plugin_entry = {
    .struct_size = sizeof(epp_entry),
    .magic = EPP_MAGIC,
    .abi_major = EPP_ABI_MAJOR,
    .abi_minor = EPP_ABI_MINOR,
    .count = count,
    .descriptor = descriptor,
    .create = create,
};
