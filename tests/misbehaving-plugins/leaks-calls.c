/* Every call leaves a little memory behind. */
#define EVALUATE evaluate_badly
#include "plugin.h"

#include <stdlib.h>

static int32_t evaluate_badly(void *self, const epp_batch *theirs, epp_error *error) {
  char *lost = malloc(400);
  if (lost) memset(lost, 1, 400);
  __asm__ volatile("" : : "r"(lost) : "memory");
  return plugin_evaluate(self, theirs, error);
}

#include "entry.h"
