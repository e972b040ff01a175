/* Sets an environment variable for a library that it uses. */
#define CREATE create_badly
#include "plugin.h"

#include <stdlib.h>

static int32_t create_badly(const epp_create *theirs, epp_potential **out, epp_error *error) {
  setenv("OMP_NUM_THREADS", "1", 1);
  return plugin_create(theirs, out, error);
}

#include "entry.h"
