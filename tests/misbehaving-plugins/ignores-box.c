/* Says that it is periodic, and is not. */
#define PERIODIC 3
#include "plugin.h"

#include "entry.h"
