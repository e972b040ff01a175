/* Ends the process as if all were well. */
#define EVALUATE evaluate_badly
#include "plugin.h"

#include <stdlib.h>

static int32_t evaluate_badly(void *self, const epp_batch *theirs, epp_error *error) {
  (void)self, (void)theirs, (void)error;
  exit(0);
}

#include "entry.h"
