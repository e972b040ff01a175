/* Handles the signal of arithmetic itself. */
#define CREATE create_badly
#include "plugin.h"

#include <signal.h>

static int32_t create_badly(const epp_create *theirs, epp_potential **out, epp_error *error) {
  signal(SIGFPE, SIG_IGN);
  return plugin_create(theirs, out, error);
}

#include "entry.h"
