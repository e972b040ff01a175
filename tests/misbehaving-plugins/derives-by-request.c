/* What it derives is by the configuration of the request, which is not to be looked at. */
#define DEPTH 5.0
#define DERIVE derive
#include "plugin.h"

static int32_t derive(void *self, const epp_create *theirs, epp_potential **out, epp_error *error) {
  const epp_create request = request_of(theirs);
  double depth = ((const instance *)self)->depth;
  if (request.required & ~(uint32_t)KNOWN_REQUIRED) {
    say(error, "a required bit that is not known");
    return EPP_E_UNSUPPORTED;
  }
  if (request.topology && request.topology->atoms > ATOMS) {
    say(error, "one atom only");
    return EPP_E_BAD_TOPOLOGY;
  }
  if (request.config_json && !takes_config(request.config_json, &depth)) {
    say(error, "expected {\"depth\": 1 to 9}");
    return EPP_E_BAD_CONFIG;
  }
  *out = &new_instance(request.host, depth)->potential;
  return EPP_OK;
}

#include "entry.h"
