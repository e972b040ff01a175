/* Every instance has a fingerprint of its own. */
#define CREATE create_badly
#include "plugin.h"

static int32_t create_badly(const epp_create *theirs, epp_potential **out, epp_error *error) {
  static volatile int made;
  const int32_t code = plugin_create(theirs, out, error);
  if (code == EPP_OK) ((instance *)(*out)->self)->fingerprint[0] = (char)('a' + made++ % 6);
  return code;
}

#include "entry.h"
