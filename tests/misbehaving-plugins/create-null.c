/* Says that it made an instance, and did not. */
#define CREATE idle_create
#include "plugin.h"

static int32_t idle_create(const epp_create *request, epp_potential **out, epp_error *error) {
  (void)out;
  if (strcmp(request->id, ID) == 0) return EPP_OK;
  say(error, "no such request->id");
  return EPP_E_UNKNOWN_ID;
}

#include "entry.h"
