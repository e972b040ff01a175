/* Skips bytes of its configuration that are not ASCII. */
#define CREATE create_badly
#include "plugin.h"

static int32_t create_badly(const char *id, const char *config_json, const epp_topology *topology,
                            epp_potential **out, epp_error *error);

#include "entry.h"

static int32_t create_badly(const char *id, const char *config_json, const epp_topology *topology,
                            epp_potential **out, epp_error *error) {
  while (config_json && (unsigned char)*config_json > 127) config_json++;
  return plugin_create(id, config_json, topology, out, error);
}
