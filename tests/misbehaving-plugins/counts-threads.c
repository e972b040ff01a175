/* Not bad: every configuration takes a millisecond, and it tells on how many threads it was called so far. */
#define ENERGY slow_well
#define OUTPUTS quantities
static double slow_well(const double *position, double *gradient);
#include "plugin.h"

#include <pthread.h>
#include <unistd.h>

static double slow_well(const double *position, double *gradient) {
  usleep(1000);
  return double_well(position, gradient);
}

static void threads(const double *position, double *to) {
  static __thread int known;
  static int count;
  (void)position;
  if (!known) known = 1, __atomic_add_fetch(&count, 1, __ATOMIC_SEQ_CST);
  *to = __atomic_load_n(&count, __ATOMIC_SEQ_CST);
}

static const output quantities[] = {{"threads", NULL, EPP_SHAPE_SCALAR, 0, threads}, {NULL, NULL, 0, 0, NULL}};

#include "entry.h"
