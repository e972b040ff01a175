/* Exports a function besides its entry. */
#include "plugin.h"

EPP_EXPORT int helper_that_is_not_hidden(void);
EPP_EXPORT int helper_that_is_not_hidden(void) { return 42; }

#include "entry.h"
