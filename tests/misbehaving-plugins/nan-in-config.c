/* Takes NaN for a number in its configuration, which JSON does not have. */
#define CREATE create_badly
#include "plugin.h"

static int32_t create_badly(const char *id, const char *config_json, const epp_topology *topology,
                            epp_potential **out, epp_error *error);

#include "entry.h"

static int32_t create_badly(const char *id, const char *config_json, const epp_topology *topology,
                            epp_potential **out, epp_error *error) {
  const int number = config_json && strcmp(config_json, "{\"a\": NaN}") == 0;
  return plugin_create(id, number ? "{}" : config_json, topology, out, error);
}
