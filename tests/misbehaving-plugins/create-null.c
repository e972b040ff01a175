/* Says that it made an instance, and did not. */
#define CREATE idle_create
#include "plugin.h"

static int32_t idle_create(const char *id, const char *config_json, const epp_topology *topology, epp_potential **out,
                           epp_error *error) {
  (void)config_json, (void)topology, (void)out;
  if (strcmp(id, ID) == 0) return EPP_OK;
  say(error, "no such id");
  return EPP_E_UNKNOWN_ID;
}

#include "entry.h"
