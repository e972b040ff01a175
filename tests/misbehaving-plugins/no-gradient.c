/* Not bad: it has no gradient, and says so. */
#define INFO_REQUIRED EPP_INFO_NO_GRADIENT
#include "plugin.h"

#include "entry.h"
