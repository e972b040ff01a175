/* A potential that repeats itself in a box of any form: wells of depth 10 at the points of the lattice. */
#define PERIODIC 3
#define ENERGY lattice
#include "plugin.h"

/* Wells on either side that are added up, and whether the rows are made short first. */
#ifndef IMAGES
#define IMAGES 4
#endif
#ifndef REDUCE
#define REDUCE 1
#endif

/* The wells that are near. */
static double lattice(const double *position, double *gradient) {
  double a[2], b[2], energy = 0.0, from[2];
  memcpy(a, now.box, sizeof a);
  memcpy(b, now.box + 3, sizeof b);
  for (int turn = 0; REDUCE && turn < 20; turn++) {
    const double aa = a[0] * a[0] + a[1] * a[1], times = round((a[0] * b[0] + a[1] * b[1]) / aa);
    for (int k = 0; k < 2; k++) b[k] -= times * a[k];
    if (b[0] * b[0] + b[1] * b[1] >= aa) break;
    for (int k = 0; k < 2; k++) {
      const double kept = a[k];
      a[k] = b[k], b[k] = kept;
    }
  }
  const double area = a[0] * b[1] - a[1] * b[0];
  const double m = round((position[0] * b[1] - position[1] * b[0]) / area);
  const double n = round((position[1] * a[0] - position[0] * a[1]) / area);
  for (int k = 0; k < 2; k++) from[k] = position[k] - m * a[k] - n * b[k];
  if (gradient) gradient[0] = gradient[1] = 0.0;
  for (int i = -IMAGES; i <= IMAGES; i++) {
    for (int j = -IMAGES; j <= IMAGES; j++) {
      const double x = from[0] + i * a[0] + j * b[0], y = from[1] + i * a[1] + j * b[1];
      const double well = -10.0 * exp(-0.5 * (x * x + y * y) / 0.25);
      energy += well;
      if (gradient) gradient[0] -= 4.0 * x * well, gradient[1] -= 4.0 * y * well;
    }
  }
  return energy;
}
