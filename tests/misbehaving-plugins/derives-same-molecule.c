/* What it derives is for the molecule that it was made for, whatever it is asked for. */
#define DERIVE derive
#include "plugin.h"

static int32_t derive(void *self, const epp_create *theirs, epp_potential **out, epp_error *error) {
  const epp_create request = request_of(theirs);
  const instance *parent = (const instance *)self;
  if (request.required & ~(uint32_t)KNOWN_REQUIRED) {
    say(error, "a required bit that is not known");
    return EPP_E_UNSUPPORTED;
  }
  *out = &new_instance(request.host, parent->depth)->potential;
  return EPP_OK;
}

#include "entry.h"
