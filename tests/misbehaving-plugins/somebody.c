/* No plugin: a library of the host that has a function of a common name. */
#include <stdlib.h>

double ddot_of_somebody(double x);
double ddot_of_somebody(double x) { return -1e9 * x; }
