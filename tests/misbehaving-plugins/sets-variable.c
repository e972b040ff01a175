/* Sets an environment variable for a library that it uses. */
#define CREATE create_badly
#include "plugin.h"

#include <stdlib.h>

static int32_t create_badly(const char *id, const char *config_json, const epp_topology *topology,
                            epp_potential **out, epp_error *error);

#include "entry.h"

static int32_t create_badly(const char *id, const char *config_json, const epp_topology *topology,
                            epp_potential **out, epp_error *error) {
  setenv("OMP_NUM_THREADS", "1", 1);
  return plugin_create(id, config_json, topology, out, error);
}
