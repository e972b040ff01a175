/* Adds up the nearest wells only, by the rows that it is given. */
#define IMAGES 1
#define REDUCE 0
#include "lattice.h"

#include "entry.h"
