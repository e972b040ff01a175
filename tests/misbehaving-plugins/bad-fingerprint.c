/* Its fingerprint is no hexadecimal number. */
#define CREATE create_badly
#include "plugin.h"

static int32_t create_badly(const epp_create *theirs, epp_potential **out, epp_error *error) {
  const int32_t code = plugin_create(theirs, out, error);
  if (code == EPP_OK) strcpy(((instance *)(*out)->self)->fingerprint, "version 7");
  return code;
}

#include "entry.h"
