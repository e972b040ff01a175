/* Handles the signal of arithmetic itself. */
#define INIT init_badly
#include "plugin.h"

#include <signal.h>

static int32_t init_badly(const epp_host *host, epp_error *error) {
  signal(SIGFPE, SIG_IGN);
  return plugin_init(host, error);
}

#include "entry.h"
