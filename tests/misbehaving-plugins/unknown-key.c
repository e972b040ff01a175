/* Takes a key that its schema does not know. */
#define CREATE create_badly
#include "plugin.h"

static int32_t create_badly(const epp_create *request, epp_potential **out, epp_error *error);

#include "entry.h"

static int32_t create_badly(const epp_create *request, epp_potential **out, epp_error *error) {
  const int unknown = request->config_json && strncmp(request->config_json, "{\"no-such-key\"", 14) == 0;
  return create_with(request, request->id, unknown ? "{}" : request->config_json, out, error);
}
