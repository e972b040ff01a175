/* Lennard-Jones atoms, with numbers close to argon's: U = sum over pairs of 4 epsilon ((sigma/d)^12 - (sigma/d)^6).
 *
 * Put your physics here. What must also be true then: the symmetries, the units and the name in plugin.c, the atoms in
 * potential.h. Overlapping atoms give an infinite energy, which plugin.c reports as the status of that configuration. */
#include <stdint.h>

#include "potential.h"

static const double epsilon = 0.996; /* kJ/mol */
static const double sigma = 0.3405;  /* nm */

double potential(const double *r, double *gradient, double *virial) {
  double energy = 0.0;
  int i, j, k, l;
  for (i = 0; i < ATOMS; i++) {
    for (j = 0; j < i; j++) {
      double d[3], square = 0.0, inverse, s6, slope;
      for (k = 0; k < 3; k++) {
        d[k] = r[3 * i + k] - r[3 * j + k];
        square += d[k] * d[k];
      }
      inverse = sigma * sigma / square;
      s6 = inverse * inverse * inverse;
      energy += 4.0 * epsilon * s6 * (s6 - 1.0);
      slope = 24.0 * epsilon * s6 * (1.0 - 2.0 * s6) / square; /* dU/dd, divided by d */
      for (k = 0; k < 3; k++) {
        gradient[3 * i + k] += slope * d[k];
        gradient[3 * j + k] -= slope * d[k];
        for (l = 0; l < 3; l++) virial[3 * k + l] += d[k] * slope * d[l];
      }
    }
  }
  return energy;
}
