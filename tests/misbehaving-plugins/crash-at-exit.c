/* Dies when the process ends. */
#include "plugin.h"

static void end(void) { abort(); }

__attribute__((constructor)) static void begin(void) { atexit(end); }

#include "entry.h"
