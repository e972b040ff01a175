/* Its name is Latin-1. */
#define NAME "Schr\xf6" "dinger"
#include "plugin.h"

#include "entry.h"
