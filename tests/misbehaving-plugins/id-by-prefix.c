/* Compares no more than the beginning of an id. */
#define CREATE create_badly
#include "plugin.h"

static int32_t create_badly(const epp_create *request, epp_potential **out, epp_error *error);

#include "entry.h"

static int32_t create_badly(const epp_create *request, epp_potential **out, epp_error *error) {
  return create_with(request, strncmp(request->id, ID, strlen(ID)) == 0 ? ID : request->id, request->config_json, out, error);
}
