/* Takes a key that its schema does not know. */
#define CREATE create_badly
#include "plugin.h"

static int32_t create_badly(const char *id, const char *config_json, const epp_topology *topology,
                            epp_potential **out, epp_error *error);

#include "entry.h"

static int32_t create_badly(const char *id, const char *config_json, const epp_topology *topology,
                            epp_potential **out, epp_error *error) {
  const int unknown = config_json && strncmp(config_json, "{\"no-such-key\"", 14) == 0;
  return plugin_create(id, unknown ? "{}" : config_json, topology, out, error);
}
