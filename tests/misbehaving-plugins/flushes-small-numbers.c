/* Sets flushing of small numbers to zero, for speed, and leaves it so. */
#define EVALUATE evaluate_badly
#include "plugin.h"

#include <fenv.h>

static int32_t evaluate_badly(void *self, const epp_batch *theirs, epp_error *error) {
#if defined(__x86_64__)
  __builtin_ia32_ldmxcsr(__builtin_ia32_stmxcsr() | 0x8040);
#else
  fesetround(FE_DOWNWARD);
#endif
  return plugin_evaluate(self, theirs, error);
}

#include "entry.h"
