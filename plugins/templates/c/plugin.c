/* The edge between a host and potential.c: epp.h says what each function here owes. Change the description below. */
#define _POSIX_C_SOURCE 200809L
#include "epp.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "potential.h"

static const epp_descriptor description = {
    .struct_size = sizeof description,
    .id = "template-c",
    .name = "Lennard-Jones atoms",
    .version = "0.1.0",
    .config_schema_json = "{\"type\": \"object\", \"additionalProperties\": false}",
    .thread_model = EPP_THREADS_CONCURRENT, /* evaluate keeps everything on its stack */
    .determinism = EPP_DETERMINISM_BITWISE, /* and sums in an order that no batch and no thread changes */
    .dtypes = EPP_DTYPE_F64,
    .symmetries =
        EPP_SYMMETRY_TRANSLATION | EPP_SYMMETRY_ROTATION | EPP_SYMMETRY_INVERSION | EPP_SYMMETRY_PERMUTATION,
    .units = EPP_UNITS_MD,
    .topology = EPP_TOPOLOGY_IGNORED};

enum { WIDTH = 3 * ATOMS, VIRIAL = 0, OUTPUTS = 1 }; /* places in the table of outputs, and its length */

/* What one create makes. `table` comes first, for the host's pointer to it is ours to the whole. */
typedef struct instance {
  epp_potential table;
  double start[WIDTH], masses[ATOMS];
  uint32_t numbers[ATOMS];
} instance;

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

/* Copies `mine`, whose first field is its size, as far as the struct of the host reaches; says how far that is. */
static int32_t hand_over(void *theirs, const void *mine, uint64_t size, epp_error *error) {
  uint64_t room = theirs ? *(const uint64_t *)theirs : 0;
  if (room < sizeof room) return fail(error, EPP_E_INVALID_ARGUMENT, "out is null, or has no struct_size");
  if (room > size) room = size;
  memcpy(theirs, mine, (size_t)room);
  *(uint64_t *)theirs = room;
  return EPP_OK;
}

static int32_t info(void *self, epp_info *out, epp_error *error) {
  const epp_info mine = {.struct_size = sizeof mine, .atoms = ATOMS, .dimensions = 3, .threads_inside = 1};
  (void)self;
  return hand_over(out, &mine, sizeof mine, error);
}

static int must_stop(const epp_batch *batch) {
  struct timespec now;
  if (batch->cancel && *batch->cancel) return 1;
  if (!batch->deadline_ns) return 0;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec >= batch->deadline_ns;
}

static int all_finite(const double *values, int count) {
  int k;
  for (k = 0; k < count; k++)
    if (!isfinite(values[k])) return 0;
  return 1;
}

/* Everything about one configuration, from one computation. */
typedef struct results {
  double energy, gradient[WIDTH], virial[9];
} results;

/* The status of one configuration; what the caller clears where it is not 0. */
static int32_t one(const double *r, results *it) {
  if (!all_finite(r, WIDTH)) return EPP_SAMPLE_NON_FINITE_INPUT;
  memset(it, 0, sizeof *it);
  it->energy = potential(r, it->gradient, it->virial);
  if (!isfinite(it->energy)) return EPP_SAMPLE_ENERGY_NOT_FINITE;
  if (!all_finite(it->gradient, WIDTH) || !all_finite(it->virial, 9)) return EPP_SAMPLE_GRADIENT_NOT_FINITE;
  return EPP_SAMPLE_OK;
}

/* Finds out whether the virial is asked for (virial->data is not NULL then), and refuses what is not there. */
static int32_t asked_outputs(const epp_batch *batch, epp_output *virial, epp_error *error) {
  memset(virial, 0, sizeof *virial);
  if (batch->output_count == 0) return EPP_OK;
  if (batch->output_count > OUTPUTS || !batch->outputs || !take_over(virial, sizeof *virial, batch->outputs[0]))
    return fail(error, EPP_E_INVALID_ARGUMENT, "evaluate: one output may be asked for, once");
  if (virial->index != VIRIAL) return fail(error, EPP_E_INVALID_ARGUMENT, "evaluate: no output has this index");
  if (virial->dtype != EPP_DTYPE_F64) return fail(error, EPP_E_UNSUPPORTED, "evaluate: outputs are written as f64");
  if (!virial->stride) virial->stride = 9;
  if (virial->stride < 9 || (batch->count && !virial->data))
    return fail(error, EPP_E_INVALID_ARGUMENT, "evaluate: an output is null, or its stride too short");
  return EPP_OK;
}

static int32_t evaluate(void *self, const epp_batch *theirs, epp_error *error) {
  epp_batch batch;
  epp_output virial;
  int32_t code;
  int wants_energy, wants_gradient, k;
  uint64_t i;
  (void)self;
  if (!take_over(&batch, sizeof batch, theirs)) return fail(error, EPP_E_INVALID_ARGUMENT, "evaluate: no batch");
  if (batch.count && !batch.statuses) return fail(error, EPP_E_INVALID_ARGUMENT, "evaluate: no statuses");
  for (i = 0; i < batch.count; i++) batch.statuses[i] = EPP_SAMPLE_INTERNAL;
  /* Bits of `required` change what the rest of the batch means. Unknown bits of `want` do not. */
  if (batch.required) return fail(error, EPP_E_UNSUPPORTED, "evaluate: `required` has bits that are not known here");
  if (batch.dtype != EPP_DTYPE_F64) return fail(error, EPP_E_UNSUPPORTED, "evaluate: only f64 positions");
  wants_energy = (batch.want & EPP_WANT_ENERGY) != 0;
  wants_gradient = (batch.want & EPP_WANT_GRADIENT) != 0;
  if (!wants_energy && !wants_gradient && !batch.output_count)
    return fail(error, EPP_E_INVALID_ARGUMENT, "evaluate: nothing is wanted");
  if (!batch.position_stride) batch.position_stride = WIDTH;
  if (!batch.gradient_stride) batch.gradient_stride = WIDTH;
  if (batch.position_stride < WIDTH || batch.gradient_stride < WIDTH)
    return fail(error, EPP_E_INVALID_ARGUMENT, "evaluate: a stride is shorter than a configuration");
  if (batch.count &&
      (!batch.positions || (wants_energy && !batch.energies) || (wants_gradient && !batch.gradients)))
    return fail(error, EPP_E_INVALID_ARGUMENT, "evaluate: a buffer is null");
  if ((code = asked_outputs(&batch, &virial, error)) != EPP_OK) return code;

  for (i = 0; i < batch.count; i++) {
    const double *r = (const double *)batch.positions + i * batch.position_stride;
    results it;
    int32_t status = must_stop(&batch) ? EPP_SAMPLE_CANCELLED : one(r, &it);
    if (status) {
      memset(&it, 0, sizeof it);
      it.energy = NAN;
      for (k = 0; k < 9; k++) it.virial[k] = NAN;
    }
    if (wants_energy) batch.energies[i] = it.energy;
    if (wants_gradient)
      memcpy((double *)batch.gradients + i * batch.gradient_stride, it.gradient, sizeof it.gradient);
    if (virial.data) memcpy((double *)virial.data + i * virial.stride, it.virial, sizeof it.virial);
    batch.statuses[i] = status;
  }
  return EPP_OK;
}

/* epp.outputs/1: what evaluate writes beside energy and gradient. */
static uint64_t output_count(void *self) {
  (void)self;
  return OUTPUTS;
}

static int32_t describe_output(void *self, uint64_t index, epp_output_description *out, epp_error *error) {
  static const epp_output_description outputs[OUTPUTS] = {
      {.struct_size = sizeof outputs[0], .name = "virial", .unit = "kJ/mol", .shape = EPP_SHAPE_MATRIX}};
  (void)self;
  if (index >= OUTPUTS) return fail(error, EPP_E_INVALID_ARGUMENT, "outputs: no output has this index");
  return hand_over(out, &outputs[index], sizeof outputs[index], error);
}

static const epp_outputs_extension outputs_table = {sizeof outputs_table, output_count, describe_output};

/* epp.topology/1: what the atoms are, and a configuration to start from. */
static int32_t topology(void *self, epp_topology *out, epp_error *error) {
  instance *me = self;
  epp_topology mine = {0};
  mine.struct_size = sizeof mine;
  mine.atoms = ATOMS;
  mine.atomic_numbers = me->numbers;
  mine.masses = me->masses;
  mine.positions = me->start;
  return hand_over(out, &mine, sizeof mine, error);
}

static const epp_topology_extension topology_table = {sizeof topology_table, topology};

static const void *extension(void *self, const char *id) {
  (void)self;
  if (id && strcmp(id, EPP_EXT_OUTPUTS) == 0) return &outputs_table;
  if (id && strcmp(id, EPP_EXT_TOPOLOGY) == 0) return &topology_table;
  return NULL;
}

static void destroy(void *self) { free(self); }

static uint32_t count(void) { return 1; }
static const epp_descriptor *descriptor(uint32_t index) { return index == 0 ? &description : NULL; }

static int32_t create(const epp_create *theirs, epp_potential **out, epp_error *error) {
  epp_create request;
  instance *me;
  int end = 0, side = 1, i;
  if (!out || !take_over(&request, sizeof request, theirs) || !request.id)
    return fail(error, EPP_E_INVALID_ARGUMENT, "create: the request, its id or out is null");
  if (request.required) return fail(error, EPP_E_UNSUPPORTED, "create: `required` has bits that are not known here");
  if (strcmp(request.id, description.id) != 0)
    return fail(error, EPP_E_UNKNOWN_ID, "create: this library has: template-c");
  if (request.config_json && (sscanf(request.config_json, " { } %n", &end), end == 0 || request.config_json[end]))
    return fail(error, EPP_E_BAD_CONFIG, "create: template-c has nothing to configure; expected {}");
  if (!(me = calloc(1, sizeof *me))) return fail(error, EPP_E_OUT_OF_MEMORY, "create: out of memory");
  while (side * side * side < ATOMS) side++;
  for (i = 0; i < ATOMS; i++) { /* a simple cubic lattice */
    me->start[3 * i] = spacing * (i % side);
    me->start[3 * i + 1] = spacing * (i / side % side);
    me->start[3 * i + 2] = spacing * (i / side / side);
    me->masses[i] = mass;
    me->numbers[i] = atomic_number;
  }
  me->table = (epp_potential){.struct_size = sizeof me->table,
                              .self = me,
                              .info = info,
                              .evaluate = evaluate,
                              .extension = extension,
                              .destroy = destroy};
  *out = &me->table;
  return EPP_OK;
}

EPP_EXPORT const epp_entry epp_plugin_entry = {.struct_size = sizeof epp_plugin_entry,
                                               .magic = EPP_MAGIC,
                                               .abi_major = EPP_ABI_MAJOR,
                                               .abi_minor = EPP_ABI_MINOR,
                                               .count = count,
                                               .descriptor = descriptor,
                                               .create = create};
