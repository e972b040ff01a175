/* Not bad: it has a function of a name that another library of the process may have as well. */
#define ENERGY with_own_symbol
static double with_own_symbol(const double *position, double *gradient);
#include "plugin.h"

EPP_EXPORT double ddot_of_somebody(double x);
double ddot_of_somebody(double x) { return 3.0 * x; }

static double with_own_symbol(const double *position, double *gradient) {
  if (gradient) gradient[0] = 3.0, gradient[1] = 0.0;
  return ddot_of_somebody(position[0]);
}

#include "entry.h"
