/* Sets the locale. */
#define INIT init_badly
#include "plugin.h"

#include <locale.h>

static int32_t init_badly(const epp_host *host, epp_error *error) {
  setlocale(LC_NUMERIC, "C.UTF-8");
  return plugin_init(host, error);
}

#include "entry.h"
