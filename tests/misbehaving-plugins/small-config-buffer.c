/* Copies its configuration to where a megabyte has no room. */
#define CREATE create_badly
#include "plugin.h"

static int32_t create_badly(const epp_create *theirs, epp_potential **out, epp_error *error) {
  epp_create request = request_of(theirs);
  char copy[4096];
  volatile char *to = copy;
  const char *from = request.config_json ? request.config_json : "{}";
  while ((*to++ = *from++)) continue;
  request.config_json = copy;
  return plugin_create(&request, out, error);
}

#include "entry.h"
