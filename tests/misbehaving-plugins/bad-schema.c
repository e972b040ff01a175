/* Its configuration schema is not JSON. */
#define SCHEMA "{ not JSON"
#include "plugin.h"

#include "entry.h"
