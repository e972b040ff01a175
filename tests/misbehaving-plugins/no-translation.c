/* Declares a symmetry that it does not have: translation. */
#define ENERGY bad_energy
#define SYMMETRIES EPP_SYMMETRY_TRANSLATION
#include "plugin.h"

static double bad_energy(const double *position, double *gradient) {
  const double energy = double_well(position, gradient);
  gradient[0] += 0.5;
  return energy + 0.5 * position[0];
}

#include "entry.h"
