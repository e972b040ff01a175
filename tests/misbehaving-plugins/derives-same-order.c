/* What it derives has the right number of atoms, in the order of the molecule that it was made for: springs as stiff as
 * masses, which the topology tells. */
#define SYMMETRIES EPP_SYMMETRY_PERMUTATION
#define ATOMS 2
#define DIMENSIONS 3
#define ENERGY springs
#define EXTENSION extensions
#define DERIVE derive
#include "plugin.h"

static const double masses[ATOMS] = {1.0, 2.0};

static double springs(const double *position, double *gradient) {
  double energy = 0.0;
  for (int k = 0; k < ROW; k++) {
    energy += masses[k / DIMENSIONS] * position[k] * position[k];
    if (gradient) gradient[k] = 2.0 * masses[k / DIMENSIONS] * position[k];
  }
  return energy;
}

static int32_t tell(void *self, epp_topology *out, epp_error *error) {
  const epp_topology it = {.struct_size = sizeof it, .atoms = ATOMS, .masses = masses};
  (void)self, (void)error;
  hand_out(out, &it, sizeof it);
  return EPP_OK;
}

static const void *extensions(void *self, const char *id) {
  static const epp_topology_extension table = {.struct_size = sizeof table, .topology = tell};
  (void)self;
  return strcmp(id, EPP_EXT_TOPOLOGY) == 0 ? &table : NULL;
}

static int32_t derive(void *self, const epp_create *theirs, epp_potential **out, epp_error *error) {
  const epp_create request = request_of(theirs);
  const instance *parent = (const instance *)self;
  if (request.required & ~(uint32_t)KNOWN_REQUIRED) {
    say(error, "a required bit that is not known");
    return EPP_E_UNSUPPORTED;
  }
  if (!request.topology || request.topology->atoms != ATOMS) {
    say(error, "two atoms only");
    return EPP_E_BAD_TOPOLOGY;
  }
  *out = &new_instance(request.host, parent->depth)->potential;
  return EPP_OK;
}

#include "entry.h"
