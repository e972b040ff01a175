/* Goes to another folder to read its files. */
#define CREATE create_badly
#include "plugin.h"

#include <unistd.h>

static int32_t create_badly(const epp_create *theirs, epp_potential **out, epp_error *error) {
  (void)!chdir("/");
  return plugin_create(theirs, out, error);
}

#include "entry.h"
