/* Cannot make an instance. */
#define CREATE failing_create
#include "plugin.h"

static int32_t failing_create(const char *id, const char *config_json, const epp_topology *topology,
                              epp_potential **out, epp_error *error) {
  (void)id, (void)config_json, (void)topology, (void)out;
  say(error, "the parameter file is from another century");
  return EPP_E_INTERNAL;
}

#include "entry.h"
