/* Offers nothing. */
#define COUNT 0
#include "plugin.h"

#include "entry.h"
