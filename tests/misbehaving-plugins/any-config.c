/* Does not look at its configuration. */
#define CREATE create_badly
#include "plugin.h"

static int32_t create_badly(const epp_create *request, epp_potential **out, epp_error *error);

#include "entry.h"

static int32_t create_badly(const epp_create *request, epp_potential **out, epp_error *error) {
  return create_with(request, request->id, "{}", out, error);
}
