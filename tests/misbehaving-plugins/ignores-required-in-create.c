/* Takes requests that need what it does not know. */
#define CREATE create_badly
#include "plugin.h"

static int32_t create_badly(const epp_create *theirs, epp_potential **out, epp_error *error) {
  epp_create request = request_of(theirs);
  request.required = 0;
  return plugin_create(&request, out, error);
}

#include "entry.h"
