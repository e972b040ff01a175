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
    sizeof description, "template-c", "Lennard-Jones atoms", "0.1.0", NULL, NULL, NULL, NULL,
    "{\"type\": \"object\", \"additionalProperties\": false}",
    EPP_THREADS_CONCURRENT,  /* evaluate keeps everything on its stack */
    EPP_DETERMINISM_BITWISE, /* and sums in an order that no batch and no thread changes */
    EPP_DTYPE_F64,
    EPP_SYMMETRY_TRANSLATION | EPP_SYMMETRY_ROTATION | EPP_SYMMETRY_INVERSION | EPP_SYMMETRY_PERMUTATION,
    EPP_UNITS_MD, 0, NULL};

enum { WIDTH = 3 * ATOMS };

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
  const epp_info mine = {sizeof mine, ATOMS, 0, 0, 3, 0, 0.0, 0, 0};
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

static int all_finite(const double *values) {
  int k;
  for (k = 0; k < WIDTH; k++)
    if (!isfinite(values[k])) return 0;
  return 1;
}

/* The status of one configuration; its energy and gradient, which the caller clears where it is not 0. */
static int32_t one(const double *r, uint32_t want, double *energy, double *gradient) {
  if (!all_finite(r)) return EPP_SAMPLE_NON_FINITE_INPUT;
  memset(gradient, 0, WIDTH * sizeof *gradient);
  *energy = potential(r, gradient);
  if (!isfinite(*energy)) return EPP_SAMPLE_ENERGY_NOT_FINITE;
  if ((want & EPP_WANT_GRADIENT) && !all_finite(gradient)) return EPP_SAMPLE_GRADIENT_NOT_FINITE;
  return EPP_SAMPLE_OK;
}

static int32_t evaluate(void *self, const epp_batch *theirs, epp_error *error) {
  const uint32_t known = EPP_WANT_ENERGY | EPP_WANT_GRADIENT;
  epp_batch batch = {0}; /* what an older host does not have stays zero */
  uint64_t i;
  (void)self;
  if (!theirs || theirs->struct_size < sizeof theirs->struct_size)
    return fail(error, EPP_E_INVALID_ARGUMENT, "evaluate: no batch");
  memcpy(&batch, theirs, (size_t)(theirs->struct_size < sizeof batch ? theirs->struct_size : sizeof batch));
  if (batch.count && !batch.statuses) return fail(error, EPP_E_INVALID_ARGUMENT, "evaluate: no statuses");
  for (i = 0; i < batch.count; i++) batch.statuses[i] = EPP_SAMPLE_INTERNAL;
  if (batch.dtype != EPP_DTYPE_F64) return fail(error, EPP_E_UNSUPPORTED, "evaluate: only f64 positions");
  if (!batch.want) return fail(error, EPP_E_INVALID_ARGUMENT, "evaluate: nothing is wanted");
  if (batch.want & ~known) return fail(error, EPP_E_UNSUPPORTED, "evaluate: want has unknown bits");
  if (!batch.position_stride) batch.position_stride = WIDTH;
  if (!batch.gradient_stride) batch.gradient_stride = WIDTH;
  if (batch.position_stride < WIDTH || batch.gradient_stride < WIDTH)
    return fail(error, EPP_E_INVALID_ARGUMENT, "evaluate: a stride is shorter than a configuration");
  if (batch.count && (!batch.positions || ((batch.want & EPP_WANT_ENERGY) && !batch.energies) ||
                      ((batch.want & EPP_WANT_GRADIENT) && !batch.gradients)))
    return fail(error, EPP_E_INVALID_ARGUMENT, "evaluate: a buffer is null");

  for (i = 0; i < batch.count; i++) {
    const double *r = (const double *)batch.positions + i * batch.position_stride;
    double energy = NAN, gradient[WIDTH];
    int32_t status = must_stop(&batch) ? EPP_SAMPLE_CANCELLED : one(r, batch.want, &energy, gradient);
    if (status) {
      energy = NAN;
      memset(gradient, 0, sizeof gradient);
    }
    if (batch.want & EPP_WANT_ENERGY) batch.energies[i] = energy;
    if (batch.want & EPP_WANT_GRADIENT)
      memcpy((double *)batch.gradients + i * batch.gradient_stride, gradient, sizeof gradient);
    batch.statuses[i] = status;
  }
  return EPP_OK;
}

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
  return id && strcmp(id, EPP_EXT_TOPOLOGY) == 0 ? &topology_table : NULL;
}

static void destroy(void *self) { free(self); }

static int32_t init(const epp_host *host, epp_error *error) {
  return host ? EPP_OK : fail(error, EPP_E_INVALID_ARGUMENT, "init: no host");
}
static void deinit(void) {}
static uint32_t count(void) { return 1; }
static const epp_descriptor *descriptor(uint32_t index) { return index == 0 ? &description : NULL; }

static int32_t create(const char *id, const char *config, const epp_topology *host_topology, epp_potential **out,
                      epp_error *error) {
  instance *me;
  int end = 0, side = 1, i;
  (void)host_topology;
  if (!id || !out) return fail(error, EPP_E_INVALID_ARGUMENT, "create: id or out is null");
  if (strcmp(id, description.id) != 0) return fail(error, EPP_E_UNKNOWN_ID, "create: this library has: template-c");
  if (config && (sscanf(config, " { } %n", &end), end == 0 || config[end]))
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
  me->table = (epp_potential){sizeof me->table, me, info, evaluate, extension, destroy};
  *out = &me->table;
  return EPP_OK;
}

EPP_EXPORT const epp_entry epp_plugin_entry = {
    sizeof epp_plugin_entry, EPP_MAGIC, EPP_ABI_MAJOR, EPP_ABI_MINOR, 0, init, deinit, count, descriptor, create, NULL};
