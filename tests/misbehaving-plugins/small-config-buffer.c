/* Copies its configuration to where a megabyte has no room. */
#define CREATE create_badly
#include "plugin.h"

static int32_t create_badly(const char *id, const char *config_json, const epp_topology *topology,
                            epp_potential **out, epp_error *error);

#include "entry.h"

static int32_t create_badly(const char *id, const char *config_json, const epp_topology *topology,
                            epp_potential **out, epp_error *error) {
  char copy[4096];
  volatile char *to = copy;
  const char *from = config_json ? config_json : "{}";
  while ((*to++ = *from++)) continue;
  return plugin_create(id, copy, topology, out, error);
}
