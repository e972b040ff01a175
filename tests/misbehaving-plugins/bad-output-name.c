/* The name of an output is for people. */
#define OUTPUTS quantities
#include "plugin.h"

static void number(const double *r, double *to) { *to = r[0]; }

static const output quantities[] = {
    {"Number of x", NULL, EPP_SHAPE_SCALAR, 0, number},
    {NULL, NULL, 0, 0, NULL},
};

#include "entry.h"
