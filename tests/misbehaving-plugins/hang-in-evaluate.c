/* Computes for ever. */
#define EVALUATE evaluate_badly
#include "plugin.h"

static int32_t evaluate_badly(void *self, const epp_batch *theirs, epp_error *error) {
  (void)self, (void)theirs, (void)error;
  for (volatile int forever = 1; forever;) continue;
  return EPP_OK;
}

#include "entry.h"
