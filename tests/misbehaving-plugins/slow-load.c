/* Takes its time while the system loads it. */
#include "plugin.h"

__attribute__((constructor)) static void begin(void) {
  const struct timespec long_time = {0, 600000000};
  nanosleep(&long_time, NULL);
}

#include "entry.h"
