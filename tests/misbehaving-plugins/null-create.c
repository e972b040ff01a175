/* Its entry has no create. */
#define CREATE NULL
#include "plugin.h"

#include "entry.h"
