/* A potential with a global parameter: the double well, tilted. */
#define ENERGY tilted_well
#define PARAMETERS tilts
#include "plugin.h"

static double tilted_well(const double *position, double *gradient) {
  const double energy = double_well(position, gradient), tilt = parameter(0);
  if (gradient) gradient[0] += tilt;
  return energy + tilt * position[0];
}

static const epp_parameter tilts[] = {
    {sizeof(epp_parameter), "tilt", NULL, 0.25, -2.0, 2.0},
    {sizeof(epp_parameter), NULL, NULL, 0.0, 0.0, 0.0},
};
