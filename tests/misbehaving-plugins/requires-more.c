/* Needs of its host what no host of this version knows. */
#define ENTRY_REQUIRED 4
#include "plugin.h"

#include "entry.h"
