/* Takes NaN for a number in its configuration, which JSON does not have. */
#define CREATE create_badly
#include "plugin.h"

static int32_t create_badly(const epp_create *request, epp_potential **out, epp_error *error);

#include "entry.h"

static int32_t create_badly(const epp_create *request, epp_potential **out, epp_error *error) {
  const int number = request->config_json && strcmp(request->config_json, "{\"a\": NaN}") == 0;
  return create_with(request, request->id, number ? "{}" : request->config_json, out, error);
}
