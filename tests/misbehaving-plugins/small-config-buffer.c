/* Copies its configuration to where a megabyte has no room. */
#define CREATE create_badly
#include "plugin.h"

static int32_t create_badly(const epp_create *request, epp_potential **out, epp_error *error);

#include "entry.h"

static int32_t create_badly(const epp_create *request, epp_potential **out, epp_error *error) {
  char copy[4096];
  volatile char *to = copy;
  const char *from = request->config_json ? request->config_json : "{}";
  while ((*to++ = *from++)) continue;
  return create_with(request, request->id, copy, out, error);
}
