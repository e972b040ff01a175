/* Needs a box. */
#define PERIODIC 3
#include "plugin.h"

#include "entry.h"
