/* Takes {} for a configuration, but not its absence. */
#define CREATE create_badly
#include "plugin.h"

static int32_t create_badly(const epp_create *request, epp_potential **out, epp_error *error);

#include "entry.h"

static int32_t create_badly(const epp_create *request, epp_potential **out, epp_error *error) {
  if (!request->config_json && strcmp(request->id, ID) == 0) {
    say(error, "a configuration is required");
    return EPP_E_BAD_CONFIG;
  }
  return plugin_create(request, out, error);
}
