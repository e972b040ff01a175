/* Takes {} for a configuration, but not its absence. */
#define CREATE create_badly
#include "plugin.h"

static int32_t create_badly(const char *id, const char *config_json, const epp_topology *topology,
                            epp_potential **out, epp_error *error);

#include "entry.h"

static int32_t create_badly(const char *id, const char *config_json, const epp_topology *topology,
                            epp_potential **out, epp_error *error) {
  if (!config_json && strcmp(id, ID) == 0) {
    say(error, "a configuration is required");
    return EPP_E_BAD_CONFIG;
  }
  return plugin_create(id, config_json, topology, out, error);
}
