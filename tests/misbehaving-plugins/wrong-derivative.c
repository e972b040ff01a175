/* The derivative by its parameter has the other sign. */
#define OUTPUTS quantities
#include "tilted.h"

static void number(const double *r, double *to) { *to = -r[0]; }

static const output quantities[] = {
    {"derivative:tilt", NULL, EPP_SHAPE_SCALAR, 0, number},
    {NULL, NULL, 0, 0, NULL},
};

#include "entry.h"
