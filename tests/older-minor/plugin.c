/* A plugin that uses every table of epp.h: two atoms, U = scale (r1^2 + r2^2) / 2.
 *
 * `make` builds the library that is kept here, from the header that is kept here: version 1.0. A test builds this file again
 * from a header that is newer than the host's: INVENTED then fills the fields that no host knows, and UNKNOWN is a bit that
 * no reader knows. */
#include "epp.h"

#include <stddef.h>

#ifndef INVENTED
#define INVENTED
#define UNKNOWN 0u
#endif

static int equal(const char *a, const char *b) {
  while (*a && *a == *b) a++, b++;
  return *a == *b;
}

static void copy(void *to, const void *from, uint64_t size) {
  uint64_t k;
  for (k = 0; k < size; k++) ((char *)to)[k] = ((const char *)from)[k];
}

static int take_over(void *mine, uint64_t size, const void *theirs) {
  static const char zeros[sizeof(epp_batch) + sizeof(epp_create)];
  uint64_t length = theirs ? *(const uint64_t *)theirs : 0;
  if (length < sizeof length) return 0;
  copy(mine, zeros, size);
  copy(mine, theirs, length < size ? length : size);
  return 1;
}

static int32_t hand_over(void *theirs, const void *mine, uint64_t size) {
  uint64_t room = theirs ? *(const uint64_t *)theirs : 0;
  if (room < sizeof room) return EPP_E_INVALID_ARGUMENT;
  if (room > size) room = size;
  copy(theirs, mine, room);
  *(uint64_t *)theirs = room;
  return EPP_OK;
}

static const epp_descriptor description = {.struct_size = sizeof description,
                                           .id = "older-minor",
                                           .name = "Two atoms on springs",
                                           .version = "1.0.0",
                                           .thread_model = EPP_THREADS_CONCURRENT,
                                           .determinism = EPP_DETERMINISM_BITWISE,
                                           .dtypes = EPP_DTYPE_F64 | UNKNOWN,
                                           .symmetries = EPP_SYMMETRY_ROTATION | EPP_SYMMETRY_INVERSION | UNKNOWN,
                                           .units = EPP_UNITS_MD,
                                           .topology = EPP_TOPOLOGY_IGNORED,
                                           .flags = UNKNOWN INVENTED};

static int32_t info(void *self, epp_info *out, epp_error *error) {
  static const epp_info mine = {.struct_size = sizeof mine,
                                .atoms = 2,
                                .dimensions = 3,
                                .flags = UNKNOWN,
                                .threads_inside = 1,
                                .fingerprint = "0123456789abcdef" INVENTED};
  (void)self, (void)error;
  return hand_over(out, &mine, sizeof mine);
}

static int32_t evaluate(void *self, const epp_batch *theirs, epp_error *error) {
  epp_batch batch;
  epp_output variance = {0};
  uint64_t i, k;
  (void)self, (void)error;
  if (!take_over(&batch, sizeof batch, theirs) || (batch.count && !batch.statuses)) return EPP_E_INVALID_ARGUMENT;
  for (i = 0; i < batch.count; i++) batch.statuses[i] = EPP_SAMPLE_INTERNAL;
  if (batch.required || batch.dtype != EPP_DTYPE_F64) return EPP_E_UNSUPPORTED;
  if (batch.output_count > 1) return EPP_E_INVALID_ARGUMENT;
  if (batch.output_count && (!take_over(&variance, sizeof variance, batch.outputs[0]) || variance.index != 0))
    return EPP_E_INVALID_ARGUMENT;
  for (i = 0; i < batch.count; i++) {
    const double *r = (const double *)batch.positions + i * (batch.position_stride ? batch.position_stride : 6);
    double *g = (double *)batch.gradients + i * (batch.gradient_stride ? batch.gradient_stride : 6);
    const double scale = batch.parameters ? batch.parameters[i * batch.parameter_stride] : 2.0;
    double energy = 0.0, sum = 0.0;
    int32_t status = batch.cancel && *batch.cancel ? EPP_SAMPLE_CANCELLED : EPP_SAMPLE_OK;
    for (k = 0; k < 6; k++) sum += r[k];
    if (!status && !(scale - scale == 0.0 && sum - sum == 0.0)) status = EPP_SAMPLE_NON_FINITE_INPUT;
    for (k = 0; k < 6; k++) energy += 0.5 * scale * r[k] * r[k];
    for (k = 0; k < 6; k++)
      if (batch.want & EPP_WANT_GRADIENT) g[k] = status ? 0.0 : scale * r[k];
    if (status) energy = (sum - sum) / 0.0 * 0.0;
    if (batch.want & EPP_WANT_ENERGY) batch.energies[i] = energy;
    if (variance.data) ((double *)variance.data)[i * (variance.stride ? variance.stride : 1)] = status ? energy : 0.25;
    batch.statuses[i] = status;
  }
  return EPP_OK;
}

static const uint32_t carbon[2] = {6, 6};
static const double start[6] = {0.1, 0.0, 0.0, 0.0, 0.2, 0.0};

static int32_t topology(void *self, epp_topology *out, epp_error *error) {
  static const epp_topology mine = {
      .struct_size = sizeof mine, .atoms = 2, .atomic_numbers = carbon, .positions = start, .multiplicity = 1 INVENTED};
  (void)self, (void)error;
  return hand_over(out, &mine, sizeof mine);
}

static uint64_t one(void *self) {
  (void)self;
  return 1;
}

static int32_t output(void *self, uint64_t index, epp_output_description *out, epp_error *error) {
  static const epp_output_description mine = {.struct_size = sizeof mine,
                                              .name = "energy-variance",
                                              .unit = "(kJ/mol)^2",
                                              .shape = EPP_SHAPE_SCALAR,
                                              .flags = UNKNOWN INVENTED};
  (void)self, (void)error;
  return index ? EPP_E_INVALID_ARGUMENT : hand_over(out, &mine, sizeof mine);
}

static int32_t parameter(void *self, uint64_t index, epp_parameter *out, epp_error *error) {
  static const epp_parameter mine = {
      .struct_size = sizeof mine, .name = "scale", .unit = "kJ/mol/nm^2", .default_value = 2.0 INVENTED};
  (void)self, (void)error;
  return index ? EPP_E_INVALID_ARGUMENT : hand_over(out, &mine, sizeof mine);
}

static int32_t sample(void *self, uint64_t index, epp_sample *out, epp_error *error) {
  static const double slope[6] = {0.2, 0.0, 0.0, 0.0, 0.4, 0.0};
  static const epp_sample mine = {.struct_size = sizeof mine,
                                  .positions = start,
                                  .gradient = slope,
                                  .energy = 0.05,
                                  .tolerance = 1e-12,
                                  .gradient_tolerance = 1e-12 INVENTED};
  (void)self, (void)error;
  return index ? EPP_E_INVALID_ARGUMENT : hand_over(out, &mine, sizeof mine);
}

static const void *extension(void *self, const char *id) {
  static const epp_topology_extension topologies = {.struct_size = sizeof topologies, .topology = topology INVENTED};
  static const epp_outputs_extension outputs = {.struct_size = sizeof outputs, .count = one, .describe = output INVENTED};
  static const epp_parameters_extension parameters = {
      .struct_size = sizeof parameters, .count = one, .describe = parameter INVENTED};
  static const epp_reference_extension samples = {.struct_size = sizeof samples, .count = one, .sample = sample INVENTED};
  (void)self;
  if (equal(id, EPP_EXT_TOPOLOGY)) return &topologies;
  if (equal(id, EPP_EXT_OUTPUTS)) return &outputs;
  if (equal(id, EPP_EXT_PARAMETERS)) return &parameters;
  if (equal(id, EPP_EXT_REFERENCE)) return &samples;
  return NULL;
}

static void destroy(void *self) { (void)self; }

static epp_potential instance = {.struct_size = sizeof instance,
                                 .info = info,
                                 .evaluate = evaluate,
                                 .extension = extension,
                                 .destroy = destroy INVENTED};

static uint32_t count(void) { return 1; }
static const epp_descriptor *descriptor(uint32_t index) { return index == 0 ? &description : NULL; }

static int32_t create(const epp_create *theirs, epp_potential **out, epp_error *error) {
  epp_create request;
  (void)error;
  if (!out || !take_over(&request, sizeof request, theirs) || !request.id) return EPP_E_INVALID_ARGUMENT;
  if (request.required) return EPP_E_UNSUPPORTED;
  if (!equal(request.id, description.id)) return EPP_E_UNKNOWN_ID;
  *out = &instance;
  return EPP_OK;
}

EPP_EXPORT const epp_entry epp_plugin_entry = {.struct_size = sizeof epp_plugin_entry,
                                               .magic = EPP_MAGIC,
                                               .abi_major = EPP_ABI_MAJOR,
                                               .abi_minor = EPP_ABI_MINOR,
                                               .count = count,
                                               .descriptor = descriptor,
                                               .create = create INVENTED};
