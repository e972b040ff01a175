/* Describes an output that there is not. */
#define DESCRIBE_OUTPUT describe_any
#include "quantities.h"

static int32_t describe_any(void *self, uint64_t index, epp_output_description *out, epp_error *error) {
  return outputs_describe(self, index % 2, out, error);
}

#include "entry.h"
