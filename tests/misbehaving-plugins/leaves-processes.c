/* Starts a process, and does not end it. */
#define CREATE create_badly
#include "plugin.h"

#include <unistd.h>

static int32_t create_badly(const epp_create *theirs, epp_potential **out, epp_error *error) {
  const pid_t child = fork();
  if (child == 0) {
    for (;;) pause();
  }
  return plugin_create(theirs, out, error);
}

#include "entry.h"
