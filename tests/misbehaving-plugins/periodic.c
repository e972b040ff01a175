/* Nothing is wrong with it; it needs a box. */
#define SYMMETRIES EPP_SYMMETRY_ROTATION
#include "lattice.h"

#include "entry.h"
