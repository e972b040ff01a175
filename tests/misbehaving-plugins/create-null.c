/* Says that it made an instance, and did not. */
#define CREATE create_badly
#include "plugin.h"

static int32_t create_badly(const epp_create *theirs, epp_potential **out, epp_error *error) {
  (void)out;
  if (strcmp(theirs->id, ID) == 0) return EPP_OK;
  say(error, "no such id");
  return EPP_E_UNKNOWN_ID;
}

#include "entry.h"
