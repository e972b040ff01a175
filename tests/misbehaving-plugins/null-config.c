/* Takes {} for a configuration, but not its absence. */
#define CREATE create_badly
#include "plugin.h"

static int32_t create_badly(const epp_create *theirs, epp_potential **out, epp_error *error) {
  if (!theirs->config_json && strcmp(theirs->id, ID) == 0) {
    say(error, "a configuration is required");
    return EPP_E_BAD_CONFIG;
  }
  return plugin_create(theirs, out, error);
}

#include "entry.h"
