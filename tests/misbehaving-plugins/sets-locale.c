/* Sets the locale. */
#define CREATE create_badly
#include "plugin.h"

#include <locale.h>

static int32_t create_badly(const epp_create *theirs, epp_potential **out, epp_error *error) {
  setlocale(LC_NUMERIC, "C.UTF-8");
  return plugin_create(theirs, out, error);
}

#include "entry.h"
