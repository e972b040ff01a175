/* Gives up in create. */
#include <stdlib.h>
#define CREATE create_badly
#include "plugin.h"

static int32_t create_badly(const epp_create *request, epp_potential **out, epp_error *error);

#include "entry.h"

static int32_t create_badly(const epp_create *request, epp_potential **out, epp_error *error) {
  (void)request, (void)out, (void)error;
  abort();
}
