/* The double well, with two quantities of its own. */
#define OUTPUTS quantities
#include "plugin.h"

static void half(const double *r, double *to) { *to = 0.5 * double_well(r, NULL); }
static void square(const double *r, double *to) { to[0] = r[0] * r[0], to[1] = r[1] * r[1]; }

static const output quantities[] = {
    {"half", NULL, EPP_SHAPE_SCALAR, 0, half},
    {"squares", NULL, EPP_SHAPE_VECTOR, 2, square},
    {NULL, NULL, 0, 0, NULL},
};
