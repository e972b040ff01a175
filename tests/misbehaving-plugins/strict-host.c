/* Takes the epp_host of one version only. */
#define CREATE create_badly
#include "plugin.h"

static int32_t create_badly(const epp_create *theirs, epp_potential **out, epp_error *error) {
  if (theirs->host->struct_size != sizeof(epp_host)) {
    say(error, "an epp_host of another size");
    return EPP_E_INVALID_ARGUMENT;
  }
  return plugin_create(theirs, out, error);
}

#include "entry.h"
