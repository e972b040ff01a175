/* Not bad, but newer than its host: of its three potentials, one has a thread model that nobody knows yet, and one demands
 * something. The first has symmetries, number types and quantities that are new. */
#define COUNT 3
#define DESCRIPTOR descriptor_of_tomorrow
#define DTYPES (EPP_DTYPE_F64 | 1u << 9)
#define SYMMETRIES (EPP_SYMMETRY_INVERSION | 1u << 20)
#define OUTPUTS quantities
#include "plugin.h"

static void one(const double *position, double *to) { *to = 1.0 + 0.0 * position[0]; }

static const output quantities[] = {
    {"of-a-new-shape", NULL, 77, 0, one},
    {"unity", NULL, EPP_SHAPE_SCALAR, 0, one},
    {NULL, NULL, 0, 0, NULL},
};

static const epp_descriptor *descriptor_of_tomorrow(uint32_t index) {
  static epp_descriptor others[2];
  if (index == 0 || index >= COUNT) return plugin_descriptor(index);
  epp_descriptor it = *plugin_descriptor(0);
  it.id = index == 1 ? "entangled" : "demanding";
  if (index == 1) it.thread_model = 9;
  if (index == 2) it.required = 1u << 7;
  others[index - 1] = it;
  return &others[index - 1];
}

#include "entry.h"
