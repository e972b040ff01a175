/* Its instances cannot evaluate. */
#define EVALUATE NULL
#include "plugin.h"

#include "entry.h"
