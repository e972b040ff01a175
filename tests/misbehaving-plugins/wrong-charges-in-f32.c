/* Charges are wrong by a hundredth where positions are f32, and energies are so large that it does not matter to them. */
#define ENERGY large_well
#define EVALUATE evaluate_in_both
#define DTYPES (EPP_DTYPE_F64 | EPP_DTYPE_F32)
#define OUTPUTS quantities
#define OUTPUT_IN_SINGLE make_wrong
#include "plugin.h"

static double large_well(const double *position, double *gradient) {
  const double energy = 1e7 * double_well(position, gradient);
  for (int k = 0; gradient && k < ROW; k++) gradient[k] *= 1e7;
  return energy;
}

static void charges(const double *position, double *to) { *to = 0.5 + 0.0 * position[0]; }

static const output quantities[] = {{"charges", "e", EPP_SHAPE_ATOMS, 0, charges}, {NULL, NULL, 0, 0, NULL}};

static void make_wrong(double *numbers, uint64_t count) {
  for (uint64_t k = 0; k < count; k++) numbers[k] *= 1.01;
}

#include "both.h"

#include "entry.h"
