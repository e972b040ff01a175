/* Takes a value of any type for the one key that it has. */
#define SCHEMA                                                                                                         \
  "{\"type\": \"object\", \"additionalProperties\": false, \"properties\": {\"depth\": {\"type\": \"number\"}}}"
#define CREATE create_badly
#include "plugin.h"

static int32_t create_badly(const char *id, const char *config_json, const epp_topology *topology,
                            epp_potential **out, epp_error *error);

#include "entry.h"

static int32_t create_badly(const char *id, const char *config_json, const epp_topology *topology,
                            epp_potential **out, epp_error *error) {
  const int depth = config_json && strncmp(config_json, "{\"depth\":", 9) == 0;
  return plugin_create(id, depth ? "{}" : config_json, topology, out, error);
}
