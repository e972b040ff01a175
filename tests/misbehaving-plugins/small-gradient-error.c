/* The gradient lacks a term of one per mille. */
#define ENERGY bad_energy
#include "plugin.h"

static double bad_energy(const double *position, double *gradient) {
  const double energy = double_well(position, gradient);
  gradient[1] *= 0.999;
  return energy;
}

#include "entry.h"
