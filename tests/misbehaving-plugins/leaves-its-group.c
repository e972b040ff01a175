/* Starts a process that leaves its group, so that it is not killed with it. */
#define CREATE create_badly
#include "plugin.h"

#include <unistd.h>

static int32_t create_badly(const epp_create *theirs, epp_potential **out, epp_error *error) {
  const pid_t child = fork();
  if (child == 0) {
    setsid();
    /* And one of its own, an orphan as soon as it dies. */
    fork();
    for (;;) pause();
  }
  return plugin_create(theirs, out, error);
}

#include "entry.h"
