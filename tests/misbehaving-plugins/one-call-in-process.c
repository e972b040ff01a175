/* Not bad: it has one state for all instances, and takes one call at a time for all of them. */
#define DEPTH 5.0
#define THREADS EPP_THREADS_PROCESS
#define ENERGY common_depth
#include "plugin.h"

#include <sched.h>

static double common_depth(const double *position, double *gradient) {
  static volatile double common[3];
  common[0] = position[0], common[1] = position[1], common[2] = now.depth;
  sched_yield();
  const double copy[2] = {common[0], common[1]};
  now.depth = common[2];
  return double_well(copy, gradient);
}

#include "entry.h"
