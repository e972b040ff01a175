/* Every instance leaves a file open. */
#define CREATE create_badly
#include "plugin.h"

#include <fcntl.h>

static int32_t create_badly(const epp_create *theirs, epp_potential **out, epp_error *error) {
  (void)!open("/dev/null", O_RDONLY);
  return plugin_create(theirs, out, error);
}

#include "entry.h"
