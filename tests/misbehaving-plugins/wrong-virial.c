/* Its virial is the other way round. */
#define ENERGY trap
#define DIMENSIONS 3
#define OUTPUTS virials
#include "plugin.h"

static double trap(const double *r, double *gradient) {
  for (int k = 0; gradient && k < 3; k++) gradient[k] = (k + 1) * r[k];
  return 0.5 * (r[0] * r[0] + 2.0 * r[1] * r[1] + 3.0 * r[2] * r[2]);
}

static void virial(const double *r, double *to) {
  double gradient[3];
  trap(r, gradient);
  for (int j = 0; j < 9; j++) to[j] = gradient[j / 3] * r[j % 3];
}

static const output virials[] = {
    {"virial", "kJ/mol", EPP_SHAPE_MATRIX, 0, virial},
    {NULL, NULL, 0, 0, NULL},
};

#include "entry.h"
