/* Its instances say that they have no functions. */
#define CREATE create_badly
#include "plugin.h"

static int32_t create_badly(const epp_create *theirs, epp_potential **out, epp_error *error) {
  const int32_t code = plugin_create(theirs, out, error);
  if (code == EPP_OK) (*out)->struct_size = 16;
  return code;
}

#include "entry.h"
