/* A chain of spins, which may be anything although it says that they may not. */
#define ATOMS 5
#define DIMENSIONS 1
#define INFO_REQUIRED (EPP_INFO_NO_GRADIENT | EPP_INFO_DISCRETE)
#define ENERGY chain
#include "plugin.h"

static double chain(const double *spins, double *gradient) {
  double energy = 0.0;
  for (int k = 0; k < ROW; k++) {
    energy -= spins[k] * spins[(k + 1) % ROW] + 0.1 * spins[k];
    gradient[k] = 0.0;
  }
  return energy;
}

#include "entry.h"
