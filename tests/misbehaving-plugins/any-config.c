/* Does not look at its configuration. */
#define CREATE create_badly
#include "plugin.h"

static int32_t create_badly(const epp_create *theirs, epp_potential **out, epp_error *error) {
  epp_create request = request_of(theirs);
  request.config_json = "{}";
  return plugin_create(&request, out, error);
}

#include "entry.h"
