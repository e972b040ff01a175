/* Its energy is computed in Rust (panics.rs), which panics where nobody catches it. */
#define ENERGY bad_energy
#include "plugin.h"

double panicking_energy(double x, double y);

static double bad_energy(const double *position, double *gradient) {
  double_well(position, gradient);
  return panicking_energy(position[0], position[1]);
}

#include "entry.h"
