/* Gives up in create. */
#define CREATE create_badly
#include "plugin.h"

static int32_t create_badly(const epp_create *theirs, epp_potential **out, epp_error *error) {
  (void)out, (void)error;
  if (strcmp(theirs->id, ID) == 0) abort();
  return plugin_create(theirs, out, error);
}

#include "entry.h"
