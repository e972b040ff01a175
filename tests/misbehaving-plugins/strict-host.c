/* Takes the epp_host of one version only. */
#define CREATE create_strictly
#include "plugin.h"

static int32_t create_strictly(const epp_create *request, epp_potential **out, epp_error *error);

#include "entry.h"

static int32_t create_strictly(const epp_create *request, epp_potential **out, epp_error *error) {
  if (request->host->struct_size != sizeof(epp_host)) {
    say(error, "an epp_host of another size");
    return EPP_E_INVALID_ARGUMENT;
  }
  return plugin_create(request, out, error);
}
