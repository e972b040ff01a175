/* Declares a symmetry that it does not have: two atoms on a line are different. */
#define SYMMETRIES EPP_SYMMETRY_PERMUTATION
#define ATOMS 2
#define DIMENSIONS 1
#include "plugin.h"

#include "entry.h"
