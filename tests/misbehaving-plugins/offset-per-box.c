/* Spheres that repel each other in a rectangular box, as many as its configuration says; but every box, whatever is in
 * it, has the energy 2 besides. */
#define CREATE create_spheres
#define EVALUATE evaluate_spheres
#define INFO info_of
#define STATE unsigned atoms;
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

static int32_t info_of(void *self, epp_info *out, epp_error *error) {
  epp_info info = {.struct_size = sizeof info};
  (void)plugin_info(self, &info, error);
  info.atoms = ((instance *)self)->atoms;
  info.cutoff_nm = CUTOFF;
  hand_out(out, &info, sizeof info);
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
  const unsigned atoms = ((instance *)self)->atoms, row = 3 * atoms;
  epp_batch batch = batch_of(theirs);
  if (!theirs->position_stride) batch.position_stride = row;
  if (!theirs->gradient_stride) batch.gradient_stride = row;
  const int32_t code = refuse(&batch, error);
  if (code != EPP_OK) return code;
  for (uint64_t i = 0; i < batch.count; i++) {
    const double *position = (const double *)batch.positions + i * batch.position_stride;
    const double *rows = batch.box + i * batch.box_stride;
    double gradient[3 * MOST] = {0.0}, energy = NAN;
    int32_t status = status_of_box(rows);
    for (int k = 0; k < 3 && status == EPP_SAMPLE_OK; k++) {
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

static int32_t create_spheres(const epp_create *theirs, epp_potential **out, epp_error *error) {
  epp_create request = request_of(theirs);
  unsigned atoms = ATOMS;
  int end = -1;
  const char *config = request.config_json;
  double unused;
  if (config && strcmp(request.id, ID) == 0 && !takes_config(config, &unused)) {
    const int found = sscanf(config, " { \"atoms\" : %u } %n", &atoms, &end);
    if (found != 1 || end < 0 || config[end] || atoms < 1 || atoms > MOST) {
      say(error, "expected {} or {\"atoms\": 1 to 64}; there is no such key as no-such-key, nor any other");
      return EPP_E_BAD_CONFIG;
    }
    request.config_json = "{}";
  }
  const int32_t code = plugin_create(&request, out, error);
  if (code == EPP_OK) {
    instance *made = (*out)->self;
    made->atoms = atoms;
    snprintf(made->fingerprint, sizeof made->fingerprint, "%016x", atoms);
  }
  return code;
}

#include "entry.h"
