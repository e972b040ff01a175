/* Fills a whole epp_info, however short the caller's is. */
#define INFO whole_info
#include "plugin.h"

static int32_t whole_info(void *self, epp_info *out, epp_error *error) {
  epp_info info = {.struct_size = sizeof info};
  (void)plugin_info(self, &info, error);
  *out = info;
  return EPP_OK;
}

#include "entry.h"
