/* Declares that many threads may call at once, and computes in one static buffer. */
#define ENERGY bad_energy
#include "plugin.h"

#include <sched.h>

static double bad_energy(const double *position, double *gradient) {
  static volatile double scratch[2];
  scratch[0] = position[0];
  sched_yield();
  scratch[1] = position[1];
  const double copy[2] = {scratch[0], scratch[1]};
  return double_well(copy, gradient);
}

#include "entry.h"
