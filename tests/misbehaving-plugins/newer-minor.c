/* Written for a later minor version, which this host loads. */
#define MINOR 7u
#include "plugin.h"

#include "entry.h"
