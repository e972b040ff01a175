/* Written for a later ABI. */
#define MAJOR 2u
#include "plugin.h"

#include "entry.h"
