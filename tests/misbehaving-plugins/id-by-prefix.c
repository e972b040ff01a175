/* Compares no more than the beginning of an id. */
#define CREATE create_badly
#include "plugin.h"

static int32_t create_badly(const char *id, const char *config_json, const epp_topology *topology,
                            epp_potential **out, epp_error *error);

#include "entry.h"

static int32_t create_badly(const char *id, const char *config_json, const epp_topology *topology,
                            epp_potential **out, epp_error *error) {
  return plugin_create(strncmp(id, ID, strlen(ID)) == 0 ? ID : id, config_json, topology, out, error);
}
