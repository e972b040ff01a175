/* Takes the epp_create of one version only. */
#define CREATE create_badly
#include "plugin.h"

static int32_t create_badly(const epp_create *theirs, epp_potential **out, epp_error *error) {
  if (theirs->struct_size != sizeof(epp_create)) {
    say(error, "an epp_create of another size");
    return EPP_E_INVALID_ARGUMENT;
  }
  return plugin_create(theirs, out, error);
}

#include "entry.h"
