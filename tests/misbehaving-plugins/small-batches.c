/* Takes three configurations at once, no more. */
#define MAX_BATCH 3
#include "plugin.h"

#include "entry.h"
