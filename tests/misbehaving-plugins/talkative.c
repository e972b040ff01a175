/* Not bad: it logs, and reports the terms of its energy and parameters. */
#define EVALUATE evaluate_aloud
#define OUTPUTS terms
#define PARAMETERS strengths
#include "plugin.h"

static void well(const double *r, double *to) { *to = double_well(r, NULL) - 10.0 * r[1] * r[1]; }
static void spring(const double *r, double *to) { *to = 10.0 * r[1] * r[1]; }
static void dipole(const double *r, double *to) { to[0] = r[0], to[1] = r[1], to[2] = 0.0; }

static const output terms[] = {
    {"energy:well", NULL, EPP_SHAPE_SCALAR, 0, well},
    {"energy:spring", NULL, EPP_SHAPE_SCALAR, 0, spring},
    {"dipole", "e nm", EPP_SHAPE_VECTOR, 3, dipole},
    {NULL, NULL, 0, 0, NULL},
};

static const epp_parameter strengths[] = {
    {sizeof(epp_parameter), "well", "kT", 0.25, 0.0, 8.0},
    {sizeof(epp_parameter), "spring", NULL, 4.0, 0.0, 0.0},
    {sizeof(epp_parameter), NULL, NULL, 0.0, 0.0, 0.0},
};

static int32_t evaluate_aloud(void *self, const epp_batch *batch, epp_error *error) {
  const epp_host *host = ((instance *)self)->host;
  if (host->log) host->log(host->context, EPP_LOG_WARNING, "this is a toy");
  return plugin_evaluate(self, batch, error);
}

#include "entry.h"
