/* Gives the force for the gradient. */
#define ENERGY bad_energy
#include "plugin.h"

static double bad_energy(const double *position, double *gradient) {
  const double energy = double_well(position, gradient);
  gradient[0] = -gradient[0], gradient[1] = -gradient[1];
  return energy;
}

#include "entry.h"
