/* Calls a function that no library has. */
#include "plugin.h"

void function_of_a_library_that_was_not_linked(void);
UNUSED __attribute__((used)) static void (*const kept)(void) = function_of_a_library_that_was_not_linked;

#include "entry.h"
