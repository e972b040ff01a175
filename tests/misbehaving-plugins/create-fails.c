/* Cannot make an instance. */
#define CREATE failing_create
#include "plugin.h"

static int32_t failing_create(const char *id, const char *config_json, const epp_topology *topology,
                              epp_potential **out, epp_error *error) {
  (void)config_json, (void)topology, (void)out;
  const int known = strcmp(id, ID) == 0;
  say(error, known ? "the parameter file is from another century" : "no such id");
  return known ? EPP_E_INTERNAL : EPP_E_UNKNOWN_ID;
}

#include "entry.h"
