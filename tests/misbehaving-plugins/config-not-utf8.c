/* Skips bytes of its configuration that are not ASCII. */
#define CREATE create_badly
#include "plugin.h"

static int32_t create_badly(const epp_create *request, epp_potential **out, epp_error *error);

#include "entry.h"

static int32_t create_badly(const epp_create *request, epp_potential **out, epp_error *error) {
  const char *config_json = request->config_json;
  while (config_json && (unsigned char)*config_json > 127) config_json++;
  return plugin_create(request, out, error);
}
