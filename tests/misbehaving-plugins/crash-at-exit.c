/* Dies when the process ends. */
#define CREATE create_badly
#include "plugin.h"

#include <stdlib.h>

static void end(void) { abort(); }

static int32_t create_badly(const epp_create *request, epp_potential **out, epp_error *error);

#include "entry.h"

static int32_t create_badly(const epp_create *request, epp_potential **out, epp_error *error) {
  atexit(end);
  return plugin_create(request, out, error);
}
