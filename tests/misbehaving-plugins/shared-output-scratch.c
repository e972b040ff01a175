/* Declares that many threads may call at once, and computes an output in one static number. */
#define OUTPUTS quantities
#include "plugin.h"

#include <sched.h>

static void half(const double *r, double *to) {
  static volatile double scratch;
  scratch = double_well(r, NULL);
  sched_yield();
  *to = 0.5 * scratch;
}

static const output quantities[] = {
    {"half", NULL, EPP_SHAPE_SCALAR, 0, half},
    {NULL, NULL, 0, 0, NULL},
};

#include "entry.h"
