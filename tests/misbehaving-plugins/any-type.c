/* Takes a value of any type for the one key that it has. */
#define SCHEMA                                                                                                         \
  "{\"type\": \"object\", \"additionalProperties\": false, \"properties\": {\"depth\": {\"type\": \"number\"}}}"
#define CREATE create_badly
#include "plugin.h"

static int32_t create_badly(const epp_create *theirs, epp_potential **out, epp_error *error) {
  epp_create request = request_of(theirs);
  if (request.config_json && strncmp(request.config_json, "{\"depth\":", 9) == 0) request.config_json = "{}";
  return plugin_create(&request, out, error);
}

#include "entry.h"
