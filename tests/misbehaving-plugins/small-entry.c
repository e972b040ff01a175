/* Its entry ends before the functions. */
#define ENTRY_SIZE 32
#include "plugin.h"

#include "entry.h"
