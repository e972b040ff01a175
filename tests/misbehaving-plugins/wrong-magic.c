/* Its entry begins with another number. */
#define MAGIC 0x12345678u
#include "plugin.h"

#include "entry.h"
