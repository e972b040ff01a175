/* Writes its message whatever the room. */
#define CREATE create_badly
#include "plugin.h"

static int32_t create_badly(const epp_create *theirs, epp_potential **out, epp_error *error) {
  if (strcmp(theirs->id, ID) != 0 && error && error->struct_size >= sizeof *error && error->text) {
    strcpy(error->text, "this library has no potential of that name");
    return EPP_E_UNKNOWN_ID;
  }
  return plugin_create(theirs, out, error);
}

#include "entry.h"
