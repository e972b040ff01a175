/* Takes a key that its schema does not know. */
#define CREATE create_badly
#include "plugin.h"

static int32_t create_badly(const epp_create *theirs, epp_potential **out, epp_error *error) {
  epp_create request = request_of(theirs);
  if (request.config_json && strncmp(request.config_json, "{\"no-such-key\"", 14) == 0) request.config_json = "{}";
  return plugin_create(&request, out, error);
}

#include "entry.h"
