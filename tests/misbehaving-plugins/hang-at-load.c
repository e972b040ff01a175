/* Starts a process and waits for ever, both while the system loads it. */
#include <unistd.h>

#include "plugin.h"

__attribute__((constructor)) static void begin(void) {
  fork();
  for (;;) pause();
}

#include "entry.h"
