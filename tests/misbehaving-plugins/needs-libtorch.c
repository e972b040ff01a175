/* Nothing is wrong with it, but it is linked with a library called libtorch. */
#include "plugin.h"

#include "entry.h"
