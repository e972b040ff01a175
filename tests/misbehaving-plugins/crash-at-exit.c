/* Dies when the process ends. */
#define INIT init_badly
#include "plugin.h"

#include <stdlib.h>

static void end(void) { abort(); }

static int32_t init_badly(const epp_host *host, epp_error *error) {
  atexit(end);
  return plugin_init(host, error);
}

#include "entry.h"
