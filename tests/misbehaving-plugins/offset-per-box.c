/* Spheres that repel each other in a rectangular box, as many as its configuration says; but every box, whatever is in
 * it, has the energy 2 besides. */
#define CREATE create_spheres
#define ATOMS 2
#define DIMENSIONS 3
#define PERIODIC 7
#define SYMMETRIES (EPP_SYMMETRY_TRANSLATION | EPP_SYMMETRY_PERMUTATION)
#define SCHEMA                                                                                                         \
  "{\"type\": \"object\", \"additionalProperties\": false,"                                                            \
  " \"properties\": {\"atoms\": {\"type\": \"integer\", \"default\": 2}}}"
#include "plugin.h"

#include <stdio.h>
#include <stdlib.h>

#define MOST 64
#define CUTOFF 1.0
#define OFFSET 2.0

typedef struct spheres {
  epp_potential potential;
  unsigned atoms;
} spheres;

static int32_t info_of(void *self, epp_info *out, epp_error *error) {
  (void)error;
  epp_info info = {.struct_size = sizeof info};
  info.atoms = ((spheres *)self)->atoms;
  info.dimensions = DIMENSIONS;
  info.periodic = PERIODIC;
  info.cutoff_nm = CUTOFF;
  if (out->struct_size < info.struct_size) info.struct_size = out->struct_size;
  memcpy(out, &info, info.struct_size);
  return EPP_OK;
}

/* The energy, and its gradient; `rows` is the box. */
static double energy_of(unsigned atoms, const double *r, const double *rows, double *gradient) {
  double energy = OFFSET;
  memset(gradient, 0, atoms * 3 * sizeof *gradient);
  for (unsigned i = 0; i < atoms; i++) {
    for (unsigned j = 0; j < i; j++) {
      double d[3], square = 0.0;
      for (int k = 0; k < 3; k++) {
        d[k] = r[3 * i + k] - r[3 * j + k];
        d[k] -= rows[4 * k] * round(d[k] / rows[4 * k]);
        square += d[k] * d[k];
      }
      const double inside = 1.0 - square / (CUTOFF * CUTOFF);
      if (inside <= 0.0) continue;
      energy += 3.0 * inside * inside * inside;
      for (int k = 0; k < 3; k++) {
        const double slope = -18.0 / (CUTOFF * CUTOFF) * inside * inside * d[k];
        gradient[3 * i + k] += slope;
        gradient[3 * j + k] -= slope;
      }
    }
  }
  return energy;
}

static int32_t evaluate_spheres(void *self, const epp_batch *theirs, epp_error *error) {
  const unsigned atoms = ((spheres *)self)->atoms, row = 3 * atoms;
  epp_batch batch = batch_of(theirs);
  if (!theirs->position_stride) batch.position_stride = row;
  if (!theirs->gradient_stride) batch.gradient_stride = row;
  if (batch.dtype != EPP_DTYPE_F64) return refuse_call(&batch, EPP_E_UNSUPPORTED, "only f64", error);
  if (!batch.box && batch.count) return refuse_call(&batch, EPP_E_INVALID_ARGUMENT, "no box", error);
  for (uint64_t i = 0; i < batch.count; i++) {
    const double *position = (const double *)batch.positions + i * batch.position_stride;
    const double *rows = batch.box + i * batch.box_stride;
    double gradient[3 * MOST] = {0.0}, energy = NAN;
    int32_t status = EPP_SAMPLE_OK;
    for (int k = 0; k < 3; k++) {
      if (!(rows[4 * k] >= 2.0 * CUTOFF)) status = EPP_SAMPLE_OUTSIDE_DOMAIN;
    }
    for (unsigned k = 0; k < row; k++) {
      if (!isfinite(position[k])) status = EPP_SAMPLE_NON_FINITE_INPUT;
    }
    if (stopped(&batch)) status = EPP_SAMPLE_CANCELLED;
    if (status == EPP_SAMPLE_OK) energy = energy_of(atoms, position, rows, gradient);
    if (status == EPP_SAMPLE_OK && !isfinite(energy)) {
      status = EPP_SAMPLE_ENERGY_NOT_FINITE;
      energy = NAN;
      memset(gradient, 0, sizeof gradient);
    }
    if (batch.want & EPP_WANT_ENERGY) batch.energies[i] = energy;
    if (batch.want & EPP_WANT_GRADIENT) {
      memcpy((double *)batch.gradients + i * batch.gradient_stride, gradient, row * sizeof *gradient);
    }
    batch.statuses[i] = status;
  }
  return EPP_OK;
}

static int32_t create_spheres(const epp_create *request, epp_potential **out, epp_error *error) {
  const char *id = request->id, *config = request->config_json;
  unsigned atoms = ATOMS;
  int end = -1;
  if (strcmp(id, ID) != 0) {
    say(error, "no such id");
    return EPP_E_UNKNOWN_ID;
  }
  if (config && !is_empty_object(config)) {
    const int found = sscanf(config, " { \"atoms\" : %u } %n", &atoms, &end);
    if (found != 1 || end < 0 || config[end] || atoms < 1 || atoms > MOST) {
      say(error, "expected {} or {\"atoms\": 1 to 64}; there is no such key as no-such-key, nor any other");
      return EPP_E_BAD_CONFIG;
    }
  }
  spheres *made = malloc(sizeof *made);
  *made = (spheres){{.struct_size = sizeof(epp_potential), .self = made, .info = info_of, .evaluate = evaluate_spheres,
                     .destroy = free}, atoms};
  *out = &made->potential;
  return EPP_OK;
}

#include "entry.h"
