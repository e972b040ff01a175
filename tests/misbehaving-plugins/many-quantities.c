/* Not bad: it tells many quantities, and has a parameter. */
#define OUTPUTS terms
#include "tilted.h"

static void well(const double *r, double *to) { *to = double_well(r, NULL) - 10.0 * r[1] * r[1]; }
static void spring(const double *r, double *to) { *to = 10.0 * r[1] * r[1]; }
static void tilt(const double *r, double *to) { *to = parameter(0) * r[0]; }
static void by_tilt(const double *r, double *to) { *to = r[0]; }
static void by_atom(const double *r, double *to) { *to = tilted_well(r, NULL); }
static void charges(const double *r, double *to) { *to = 0.5 + 0.0 * r[0]; }
static void members(const double *r, double *to) {
  for (int k = 0; k < 4; k++) to[k] = tilted_well(r, NULL) + 0.1 * (k - 1.5);
}
static void uncertainty(const double *r, double *to) { to[0] = r[0] * r[0], to[1] = r[1] * r[1]; }
static void strain(const double *r, double *to) {
  double gradient[2];
  tilted_well(r, gradient);
  for (int k = 0; k < 9; k++) to[k] = k / 3 < 2 && k % 3 < 2 ? r[k / 3] * gradient[k % 3] : 0.0;
}

static const output terms[] = {
    {"energy:well", "kJ/mol", EPP_SHAPE_SCALAR, 0, well},
    {"energy:spring", "kJ/mol", EPP_SHAPE_SCALAR, 0, spring},
    {"energy:tilt", "kJ/mol", EPP_SHAPE_SCALAR, 0, tilt},
    {"derivative:tilt", "kJ/mol", EPP_SHAPE_SCALAR, 0, by_tilt},
    {"atom-energies", "kJ/mol", EPP_SHAPE_ATOMS, 0, by_atom},
    {"charges", "e", EPP_SHAPE_ATOMS, 0, charges},
    {"energy-members", "kJ/mol", EPP_SHAPE_VECTOR, 4, members},
    {"gradient-variance", "(kJ/mol/nm)^2", EPP_SHAPE_ATOMS_DIMENSIONS, 0, uncertainty},
    {"virial", "kJ/mol", EPP_SHAPE_MATRIX, 0, strain},
    {NULL, NULL, 0, 0, NULL},
};

#include "entry.h"
