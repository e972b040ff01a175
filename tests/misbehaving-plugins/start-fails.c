/* Cannot start, and says so in words. */
#define CREATE create_badly
#include "plugin.h"

static int32_t create_badly(const epp_create *theirs, epp_potential **out, epp_error *error) {
  (void)out;
  if (strcmp(theirs->id, ID) != 0) return plugin_create(theirs, out, error);
  say(error, "no licence server");
  return EPP_E_LOST;
}

#include "entry.h"
