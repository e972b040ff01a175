/* Cannot make an instance. */
#define CREATE create_badly
#include "plugin.h"

static int32_t create_badly(const epp_create *theirs, epp_potential **out, epp_error *error) {
  (void)out;
  const int known = strcmp(theirs->id, ID) == 0;
  say(error, known ? "the parameter file is from another century" : "no such id");
  return known ? EPP_E_INTERNAL : EPP_E_UNKNOWN_ID;
}

#include "entry.h"
