/* Compares no more than the beginning of an id. */
#define CREATE create_badly
#include "plugin.h"

static int32_t create_badly(const epp_create *theirs, epp_potential **out, epp_error *error) {
  epp_create request = request_of(theirs);
  if (strncmp(request.id, ID, strlen(ID)) == 0) request.id = ID;
  return plugin_create(&request, out, error);
}

#include "entry.h"
