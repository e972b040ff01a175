/* Says that it has more atoms than there are. */
#define INFO absurd_info
#include "plugin.h"

static int32_t absurd_info(void *self, epp_info *info, epp_error *error) {
  const int32_t code = plugin_info(self, info, error);
  info->atoms = UINT64_MAX;
  return code;
}

#include "entry.h"
