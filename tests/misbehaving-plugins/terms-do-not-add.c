/* Its energy terms are not all of the energy. */
#define OUTPUTS terms
#include "plugin.h"

static void well(const double *r, double *to) { *to = double_well(r, NULL) - 10.0 * r[1] * r[1]; }
static void spring(const double *r, double *to) { *to = 9.0 * r[1] * r[1]; }

static const output terms[] = {
    {"energy:well", "kJ/mol", EPP_SHAPE_SCALAR, 0, well},
    {"energy:spring", "kJ/mol", EPP_SHAPE_SCALAR, 0, spring},
    {NULL, NULL, 0, 0, NULL},
};

#include "entry.h"
