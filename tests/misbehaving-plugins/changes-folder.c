/* Goes to another folder to read its files. */
#define CREATE create_badly
#include "plugin.h"

#include <unistd.h>

static int32_t create_badly(const char *id, const char *config_json, const epp_topology *topology,
                            epp_potential **out, epp_error *error);

#include "entry.h"

static int32_t create_badly(const char *id, const char *config_json, const epp_topology *topology,
                            epp_potential **out, epp_error *error) {
  (void)!chdir("/");
  return plugin_create(id, config_json, topology, out, error);
}
