/* Takes the epp_host of one version only. */
#define INIT init_strictly
#include "plugin.h"

static int32_t init_strictly(const epp_host *host, epp_error *error) {
  if (host->struct_size != sizeof(epp_host)) {
    say(error, "an epp_host of another size");
    return EPP_E_INVALID_ARGUMENT;
  }
  return plugin_init(host, error);
}

#include "entry.h"
