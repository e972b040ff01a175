/* Gives up in init. */
#include <stdlib.h>
#define INIT init_badly
#include "plugin.h"

static int32_t init_badly(const epp_host *host, epp_error *error) {
  (void)host, (void)error;
  abort();
}

#include "entry.h"
