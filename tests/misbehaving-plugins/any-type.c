/* Takes a value of any type for the one key that it has. */
#define SCHEMA                                                                                                         \
  "{\"type\": \"object\", \"additionalProperties\": false, \"properties\": {\"depth\": {\"type\": \"number\"}}}"
#define CREATE create_badly
#include "plugin.h"

static int32_t create_badly(const epp_create *request, epp_potential **out, epp_error *error);

#include "entry.h"

static int32_t create_badly(const epp_create *request, epp_potential **out, epp_error *error) {
  const int depth = request->config_json && strncmp(request->config_json, "{\"depth\":", 9) == 0;
  return create_with(request, request->id, depth ? "{}" : request->config_json, out, error);
}
