/* Skips bytes of its configuration that are not ASCII. */
#define CREATE create_badly
#include "plugin.h"

static int32_t create_badly(const epp_create *theirs, epp_potential **out, epp_error *error) {
  epp_create request = request_of(theirs);
  while (request.config_json && (unsigned char)*request.config_json > 127) request.config_json++;
  return plugin_create(&request, out, error);
}

#include "entry.h"
