/* Computes the nearest well only, by the rows that it is given. */
#define IMAGES 0
#define REDUCE 0
#include "lattice.h"

#include "entry.h"
