/* Not bad: ranges of parameters that are open at an end, or hold one value only. */
#define ENERGY tilted_well
#define PARAMETERS tilts
#define OUTPUTS slopes
#include "plugin.h"

static double tilted_well(const double *position, double *gradient) {
  const double energy = double_well(position, gradient), tilt = parameter(0) + parameter(1) + parameter(2);
  if (gradient) gradient[0] += tilt;
  return energy + tilt * position[0];
}

static const epp_parameter tilts[] = {
    {sizeof(epp_parameter), "up", NULL, 0.25, 0.0, INFINITY},
    {sizeof(epp_parameter), "down", NULL, -0.5, -INFINITY, 0.0},
    {sizeof(epp_parameter), "still", NULL, 1.0, 1.0, 1.0},
    {sizeof(epp_parameter), NULL, NULL, 0.0, 0.0, 0.0},
};

static void by_tilt(const double *r, double *to) { *to = r[0]; }

static const output slopes[] = {
    {"derivative:up", "kJ/mol", EPP_SHAPE_SCALAR, 0, by_tilt},
    {"derivative:down", "kJ/mol", EPP_SHAPE_SCALAR, 0, by_tilt},
    {"derivative:still", "kJ/mol", EPP_SHAPE_SCALAR, 0, by_tilt},
    {NULL, NULL, 0, 0, NULL},
};

#include "entry.h"
