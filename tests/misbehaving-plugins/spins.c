/* Not bad: a chain of spins, which are 1 or -1. */
#define ATOMS 5
#define DIMENSIONS 1
#define INFO_REQUIRED (EPP_INFO_NO_GRADIENT | EPP_INFO_DISCRETE)
#define ENERGY chain
#define STATUS_OF_POSITION spins_only
#include "plugin.h"

static double chain(const double *spins, double *gradient) {
  double energy = 0.0;
  for (int k = 0; k < ROW; k++) {
    energy -= spins[k] * spins[(k + 1) % ROW] + 0.1 * spins[k];
    gradient[k] = 0.0;
  }
  return energy;
}

static int32_t spins_only(const double *spins) {
  for (int k = 0; k < ROW; k++) {
    if (fabs(spins[k]) != 1.0) return EPP_SAMPLE_OUTSIDE_DOMAIN;
  }
  return EPP_SAMPLE_OK;
}

#include "entry.h"
