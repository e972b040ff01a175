/* Says that it has more atoms than there are. */
#define ATOMS UINT64_MAX
#include "plugin.h"

#include "entry.h"
