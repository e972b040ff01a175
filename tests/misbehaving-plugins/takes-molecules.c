/* Not bad: a sum of squares of as many atoms as its molecule has, of which it makes more. It is created for one atom. */
#define INFO info_of_it
#define EVALUATE evaluate_squares
#define DERIVE derive_squares
#define STATE uint64_t atoms;
#include "plugin.h"

static int32_t info_of_it(void *self, epp_info *out, epp_error *error) {
  epp_info info;
  memset(&info, 0, sizeof info);
  info.struct_size = sizeof info;
  const int32_t code = plugin_info(self, &info, error);
  info.atoms = ((instance *)self)->atoms ? ((instance *)self)->atoms : 1;
  hand_out(out, &info, sizeof info);
  return code;
}

static int32_t evaluate_squares(void *self, const epp_batch *batch, epp_error *error) {
  const uint64_t atoms = ((instance *)self)->atoms ? ((instance *)self)->atoms : 1, row = atoms * DIMENSIONS;
  (void)error;
  for (uint64_t i = 0; i < batch->count; i++) {
    const double *r = (const double *)batch->positions + i * (batch->position_stride ? batch->position_stride : row);
    double *g = (double *)batch->gradients + i * (batch->gradient_stride ? batch->gradient_stride : row), sum = 0.0;
    for (uint64_t k = 0; k < row; k++) {
      sum += r[k] * r[k];
      if (batch->want & EPP_WANT_GRADIENT) g[k] = 2.0 * r[k];
    }
    if (batch->want & EPP_WANT_ENERGY) batch->energies[i] = sum;
    batch->statuses[i] = EPP_SAMPLE_OK;
  }
  return EPP_OK;
}

static int32_t derive_squares(void *self, const epp_create *request, epp_potential **out, epp_error *error);

#include "entry.h"

static int32_t derive_squares(void *self, const epp_create *request, epp_potential **out, epp_error *error) {
  if (!request->topology || request->topology->atoms > 50) {
    say(error, "too large a molecule");
    return EPP_E_BAD_TOPOLOGY;
  }
  instance *made = new_instance(request->host, ((instance *)self)->depth);
  made->atoms = request->topology->atoms;
  *out = &made->potential;
  return EPP_OK;
}
