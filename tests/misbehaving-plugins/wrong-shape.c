/* Its charges are one number. */
#define OUTPUTS quantities
#include "plugin.h"

static void number(const double *r, double *to) { *to = r[0]; }

static const output quantities[] = {
    {"charges", "e", EPP_SHAPE_SCALAR, 0, number},
    {NULL, NULL, 0, 0, NULL},
};

#include "entry.h"
