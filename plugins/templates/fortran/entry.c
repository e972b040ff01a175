/* The tables of constants that a host looks for: Fortran has no constants that hold addresses of functions. The functions
 * that compute are those of plugin.f90. Change the description below. */
#include "epp.h"

#include <stdio.h>
#include <string.h>

int32_t plugin_info(void *self, epp_info *out, epp_error *error);
int32_t plugin_topology(void *self, epp_topology *out, epp_error *error);
int32_t plugin_evaluate(void *self, const epp_batch *batch, epp_error *error);

static const epp_descriptor description = {
    sizeof description, "template-fortran", "Lennard-Jones atoms", "0.1.0", NULL, NULL, NULL, NULL,
    "{\"type\": \"object\", \"additionalProperties\": false}",
    EPP_THREADS_CONCURRENT,  /* evaluate keeps everything on its stack */
    EPP_DETERMINISM_BITWISE, /* and sums in an order that no batch and no thread changes */
    EPP_DTYPE_F64,
    EPP_SYMMETRY_TRANSLATION | EPP_SYMMETRY_ROTATION | EPP_SYMMETRY_INVERSION | EPP_SYMMETRY_PERMUTATION,
    EPP_UNITS_MD, 0, NULL};

static int32_t fail(epp_error *error, int32_t code, const char *text) {
  if (error && error->struct_size >= sizeof *error && error->text && error->capacity)
    snprintf(error->text, (size_t)error->capacity, "%s", text);
  return code;
}

static const void *extension(void *self, const char *id) {
  static const epp_topology_extension topology = {sizeof topology, plugin_topology};
  (void)self;
  return id && strcmp(id, EPP_EXT_TOPOLOGY) == 0 ? &topology : NULL;
}

static void destroy(void *self) { (void)self; }

/* Without state, one instance serves all. */
static epp_potential instance = {sizeof instance, NULL, plugin_info, plugin_evaluate, extension, destroy};

static int32_t init(const epp_host *host, epp_error *error) {
  return host ? EPP_OK : fail(error, EPP_E_INVALID_ARGUMENT, "init: no host");
}
static void deinit(void) {}
static uint32_t count(void) { return 1; }
static const epp_descriptor *descriptor(uint32_t index) { return index == 0 ? &description : NULL; }

static int32_t create(const char *id, const char *config, const epp_topology *host_topology, epp_potential **out,
                      epp_error *error) {
  int end = 0;
  (void)host_topology;
  if (!id || !out) return fail(error, EPP_E_INVALID_ARGUMENT, "create: id or out is null");
  if (strcmp(id, description.id) != 0)
    return fail(error, EPP_E_UNKNOWN_ID, "create: this library has: template-fortran");
  if (config && (sscanf(config, " { } %n", &end), end == 0 || config[end]))
    return fail(error, EPP_E_BAD_CONFIG, "create: template-fortran has nothing to configure; expected {}");
  *out = &instance;
  return EPP_OK;
}

EPP_EXPORT const epp_entry epp_plugin_entry = {
    sizeof epp_plugin_entry, EPP_MAGIC, EPP_ABI_MAJOR, EPP_ABI_MINOR, 0, init, deinit, count, descriptor, create, NULL};
