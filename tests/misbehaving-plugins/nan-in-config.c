/* Takes NaN for a number in its configuration, which JSON does not have. */
#define CREATE create_badly
#include "plugin.h"

static int32_t create_badly(const epp_create *theirs, epp_potential **out, epp_error *error) {
  epp_create request = request_of(theirs);
  if (request.config_json && strcmp(request.config_json, "{\"a\": NaN}") == 0) request.config_json = "{}";
  return plugin_create(&request, out, error);
}

#include "entry.h"
