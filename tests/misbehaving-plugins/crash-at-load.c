/* Dies while the system loads it. */
#include "plugin.h"

__attribute__((constructor)) static void begin(void) { *(volatile int *)8 = 1; }

#include "entry.h"
