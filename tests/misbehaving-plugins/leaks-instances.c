/* Every instance leaves a few pages behind. */
#define CREATE create_badly
#include "plugin.h"

#include <stdlib.h>

static int32_t create_badly(const epp_create *theirs, epp_potential **out, epp_error *error) {
  char *lost = malloc(8192);
  if (lost) memset(lost, 1, 8192);
  __asm__ volatile("" : : "r"(lost) : "memory");
  return plugin_create(theirs, out, error);
}

#include "entry.h"
