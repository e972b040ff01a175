/* Its fingerprint has the number of the process in it. */
#define CREATE create_badly
#include "plugin.h"

#include <stdio.h>
#include <unistd.h>

static int32_t create_badly(const epp_create *theirs, epp_potential **out, epp_error *error) {
  const int32_t code = plugin_create(theirs, out, error);
  if (code == EPP_OK) snprintf(((instance *)(*out)->self)->fingerprint, 17, "%x", (unsigned)getpid());
  return code;
}

#include "entry.h"
