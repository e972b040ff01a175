/* Fills a whole epp_output_description, however short the caller's is. */
#define DESCRIBE_OUTPUT describe_whole
#include "quantities.h"

static int32_t describe_whole(void *self, uint64_t index, epp_output_description *out, epp_error *error) {
  epp_output_description it = {.struct_size = sizeof it};
  const int32_t code = outputs_describe(self, index, &it, error);
  if (code == EPP_OK) *out = it;
  return code;
}

#include "entry.h"
