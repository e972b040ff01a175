/* The energies of its atoms are not all of the energy. */
#define OUTPUTS shares
#include "plugin.h"

static void share(const double *r, double *to) { *to = 0.9 * double_well(r, NULL); }

static const output shares[] = {
    {"atom-energies", "kJ/mol", EPP_SHAPE_ATOMS, 0, share},
    {NULL, NULL, 0, 0, NULL},
};

#include "entry.h"
