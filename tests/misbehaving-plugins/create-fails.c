/* Cannot make an instance. */
#define CREATE failing_create
#include "plugin.h"

static int32_t failing_create(const epp_create *request, epp_potential **out, epp_error *error) {
  (void)out;
  const int known = strcmp(request->id, ID) == 0;
  say(error, known ? "the parameter file is from another century" : "no such request->id");
  return known ? EPP_E_INTERNAL : EPP_E_UNKNOWN_ID;
}

#include "entry.h"
