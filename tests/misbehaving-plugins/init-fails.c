/* Cannot start. */
#define INIT failing_init
#include "plugin.h"

static int32_t failing_init(const epp_host *host, epp_error *error) {
  (void)host;
  say(error, "no licence server");
  return EPP_E_INTERNAL;
}

#include "entry.h"
