/* What it derives has the default configuration. */
#define DEPTH 5.0
#define DERIVE derive
#include "plugin.h"

static int32_t derive(void *self, const epp_create *theirs, epp_potential **out, epp_error *error) {
  const epp_create request = request_of(theirs);
  const instance *parent = (const instance *)self;
  if (request.required & ~(uint32_t)KNOWN_REQUIRED) {
    say(error, "a required bit that is not known");
    return EPP_E_UNSUPPORTED;
  }
  if (request.topology && request.topology->atoms > ATOMS) {
    say(error, "one atom only");
    return EPP_E_BAD_TOPOLOGY;
  }
  (void)parent;
  *out = &new_instance(request.host, DEPTH)->potential;
  return EPP_OK;
}

#include "entry.h"
