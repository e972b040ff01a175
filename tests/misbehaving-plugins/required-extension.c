/* Needs a host extension that no host has. */
static const char *const required[] = {"epp.telepathy/1", 0};
#define REQUIRED required
#include "plugin.h"

#include "entry.h"
