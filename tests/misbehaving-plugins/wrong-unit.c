/* Its dipole is in debye. */
#define OUTPUTS quantities
#define UNITS EPP_UNITS_MD
#include "plugin.h"

static void number(const double *r, double *to) { to[0] = r[0], to[1] = r[1], to[2] = 0.0; }

static const output quantities[] = {
    {"dipole", "D", EPP_SHAPE_VECTOR, 3, number},
    {NULL, NULL, 0, 0, NULL},
};

#include "entry.h"
