/* Indexes a table by its coordinate, and does not look how far out that is. */
#define ENERGY bad_energy
#include "plugin.h"

static double bad_energy(const double *position, double *gradient) {
  static const double table[4] = {0.0, 0.0, 0.0, 0.0};
  const double x = fabs(position[0]);
  const volatile double *entry = table;
  const double zero = x > 1e90 && x < 1e110 ? entry[(uint64_t)1 << 50] : table[(int)fmin(x, 3.0)];
  return double_well(position, gradient) + zero;
}

#include "entry.h"
