/* Its id is not kebab-case. */
#define ID "Not Kebab"
#include "plugin.h"

#include "entry.h"
