/* Prints to the standard output. */
#define EVALUATE evaluate_badly
#include "plugin.h"

#include <stdio.h>

static int32_t evaluate_badly(void *self, const epp_batch *theirs, epp_error *error) {
  printf("evaluating %u configurations\n", (unsigned)theirs->count);
  return plugin_evaluate(self, theirs, error);
}

#include "entry.h"
