/* Offers the same potential twice. */
#define COUNT 2
#include "plugin.h"

#include "entry.h"
