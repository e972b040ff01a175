/* The tables of constants that a host looks for: Fortran has no constants that hold addresses of functions. The functions
 * that compute are those of plugin.f90. Change the description below. */
#include "epp.h"

#include <stdio.h>
#include <string.h>

int32_t plugin_info(void *self, epp_info *out, epp_error *error);
int32_t plugin_topology(void *self, epp_topology *out, epp_error *error);
int32_t plugin_evaluate(void *self, const epp_batch *batch, epp_error *error);

static const epp_descriptor description = {
    .struct_size = sizeof description,
    .id = "template-fortran",
    .name = "Lennard-Jones atoms",
    .version = "0.1.0",
    .config_schema_json = "{\"type\": \"object\", \"additionalProperties\": false}",
    .thread_model = EPP_THREADS_CONCURRENT, /* evaluate keeps everything on its stack; EPP_THREADS_PROCESS with COMMON */
    .determinism = EPP_DETERMINISM_BITWISE, /* and sums in an order that no batch and no thread changes */
    .dtypes = EPP_DTYPE_F64,
    .symmetries =
        EPP_SYMMETRY_TRANSLATION | EPP_SYMMETRY_ROTATION | EPP_SYMMETRY_INVERSION | EPP_SYMMETRY_PERMUTATION,
    .units = EPP_UNITS_MD,
    .topology = EPP_TOPOLOGY_IGNORED};

/* What evaluate writes beside energy and gradient. */
enum { OUTPUTS = 1 };
static const epp_output_description outputs[OUTPUTS] = {
    {.struct_size = sizeof outputs[0], .name = "virial", .unit = "kJ/mol", .shape = EPP_SHAPE_MATRIX}};

static int32_t fail(epp_error *error, int32_t code, const char *text) {
  if (error && error->struct_size >= sizeof *error && error->text && error->capacity)
    snprintf(error->text, (size_t)error->capacity, "%s", text);
  return code;
}

/* Copies a struct of the host, whose first field is its size, as far as it reaches; what an older host does not have stays
 * zero, and what a newer one has beyond is not looked at. */
static int take_over(void *mine, uint64_t size, const void *theirs) {
  uint64_t length = theirs ? *(const uint64_t *)theirs : 0;
  if (length < sizeof length) return 0;
  memset(mine, 0, (size_t)size);
  memcpy(mine, theirs, (size_t)(length < size ? length : size));
  return 1;
}

static uint64_t output_count(void *self) {
  (void)self;
  return OUTPUTS;
}

static int32_t describe_output(void *self, uint64_t index, epp_output_description *out, epp_error *error) {
  uint64_t room = out ? out->struct_size : 0;
  (void)self;
  if (index >= OUTPUTS || room < sizeof room)
    return fail(error, EPP_E_INVALID_ARGUMENT, "outputs: no output has this index, or out has no struct_size");
  if (room > sizeof outputs[index]) room = sizeof outputs[index];
  memcpy(out, &outputs[index], (size_t)room);
  out->struct_size = room;
  return EPP_OK;
}

static const void *extension(void *self, const char *id) {
  static const epp_topology_extension topology = {sizeof topology, plugin_topology};
  static const epp_outputs_extension table = {sizeof table, output_count, describe_output};
  (void)self;
  if (id && strcmp(id, EPP_EXT_OUTPUTS) == 0) return &table;
  if (id && strcmp(id, EPP_EXT_TOPOLOGY) == 0) return &topology;
  return NULL;
}

static void destroy(void *self) { (void)self; }

/* Without state, one instance serves all. */
static epp_potential instance = {.struct_size = sizeof instance,
                                 .info = plugin_info,
                                 .evaluate = plugin_evaluate,
                                 .extension = extension,
                                 .destroy = destroy};

static uint32_t count(void) { return 1; }
static const epp_descriptor *descriptor(uint32_t index) { return index == 0 ? &description : NULL; }

static int32_t create(const epp_create *theirs, epp_potential **out, epp_error *error) {
  epp_create request;
  int end = 0;
  if (!out || !take_over(&request, sizeof request, theirs) || !request.id)
    return fail(error, EPP_E_INVALID_ARGUMENT, "create: the request, its id or out is null");
  if (request.required) return fail(error, EPP_E_UNSUPPORTED, "create: `required` has bits that are not known here");
  if (strcmp(request.id, description.id) != 0)
    return fail(error, EPP_E_UNKNOWN_ID, "create: this library has: template-fortran");
  if (request.config_json && (sscanf(request.config_json, " { } %n", &end), end == 0 || request.config_json[end]))
    return fail(error, EPP_E_BAD_CONFIG, "create: template-fortran has nothing to configure; expected {}");
  *out = &instance;
  return EPP_OK;
}

EPP_EXPORT const epp_entry epp_plugin_entry = {.struct_size = sizeof epp_plugin_entry,
                                               .magic = EPP_MAGIC,
                                               .abi_major = EPP_ABI_MAJOR,
                                               .abi_minor = EPP_ABI_MINOR,
                                               .count = count,
                                               .descriptor = descriptor,
                                               .create = create};
