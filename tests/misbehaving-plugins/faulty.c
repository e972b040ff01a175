/* The Mueller-Brown potential by somebody who should not have written it: for some configurations, always the same ones, it
 * crashes, hangs, says NaN, leaks or prints. Every fault is written to the file that the configuration names, {"log": ...},
 * before it happens: its kind, and the hash of its configuration. */
#define CREATE create_with_log
#define EVALUATE evaluate_with_faults
#define ID "faulty"
#include "plugin.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

/* Of ten thousand configurations. */
enum { CRASHES = 30, HANGS = 8, NANS = 130, LEAKS = 130, PRINTS = 130 };

static int log_file = -1;

static void note(const char *kind, uint64_t hash) {
  char line[64];
  const int length = snprintf(line, sizeof line, "%s %016llx\n", kind, (unsigned long long)hash);
  if (write(log_file, line, length) != length) _exit(99);
}

static uint64_t hash_of(const double *position) {
  uint64_t bits[2];
  memcpy(bits, position, sizeof bits);
  uint64_t hash = bits[0] * 0x9e3779b97f4a7c15u ^ (bits[1] + 0x7f4a7c159e3779b9u) * 0xbf58476d1ce4e5b9u;
  hash = (hash ^ hash >> 30) * 0x94d049bb133111ebu;
  return hash ^ hash >> 31;
}

static double mueller_brown(double x, double y, double *gradient) {
  static const double terms[4][6] = {
      {-200, -1, 0, -10, 1, 0}, {-100, -1, 0, -10, 0, 0.5}, {-170, -6.5, 11, -6.5, -0.5, 1.5}, {15, 0.7, 0.6, 0.7, -1, 1}};
  double energy = 0;
  gradient[0] = gradient[1] = 0;
  for (int k = 0; k < 4; k++) {
    const double *t = terms[k], dx = x - t[4], dy = y - t[5];
    const double value = t[0] * exp(dx * (t[1] * dx + t[2] * dy) + t[3] * dy * dy);
    energy += value;
    gradient[0] += value * (2 * t[1] * dx + t[2] * dy);
    gradient[1] += value * (t[2] * dx + 2 * t[3] * dy);
  }
  return energy;
}

/* What happens before the energy is there; or to it. */
static double fault(uint64_t hash, double energy) {
  volatile int *nowhere = NULL;
  volatile char *leaked;
  int draw = (int)(hash % 10000);
  if ((draw -= CRASHES) < 0) {
    note("crash", hash);
    switch (hash / 10000 % 3) {
      case 0: abort();
      case 1: return *nowhere;
      default: _exit(7);
    }
  }
  if ((draw -= HANGS) < 0) {
    note("hang", hash);
    for (;;) usleep(1000);
  }
  if ((draw -= NANS) < 0) {
    note("nan", hash);
    return NAN;
  }
  if ((draw -= LEAKS) < 0) {
    note("leak", hash);
    leaked = malloc(1 << 16);
    for (int k = 0; leaked && k < 1 << 16; k += 4096) leaked[k] = 1;
  } else if ((draw -= PRINTS) < 0) {
    note("print", hash);
    puts("I am here as well");
    fflush(stdout);
  }
  return energy;
}

static int32_t evaluate_with_faults(void *self, const epp_batch *batch, epp_error *error) {
  (void)self, (void)error;
  const uint64_t from = batch->position_stride ? batch->position_stride : 2;
  const uint64_t to = batch->gradient_stride ? batch->gradient_stride : 2;
  for (uint64_t i = 0; i < batch->count; i++) {
    const double *position = (const double *)batch->positions + i * from;
    double unused[2], *gradient = batch->gradients ? (double *)batch->gradients + i * to : unused;
    const double energy = fault(hash_of(position), mueller_brown(position[0], position[1], gradient));
    if (batch->energies) batch->energies[i] = energy;
    batch->statuses[i] = EPP_SAMPLE_OK;
  }
  return EPP_OK;
}

static int32_t create_with_log(const epp_create *theirs, epp_potential **out, epp_error *error) {
  epp_create request = request_of(theirs);
  char path[4096] = "";
  const char *key = request.config_json ? strstr(request.config_json, "\"log\":\"") : NULL;
  if (key) sscanf(key, "\"log\":\"%4095[^\"]", path);
  log_file = open(path, O_WRONLY | O_APPEND);
  if (log_file < 0) {
    say(error, "the log cannot be opened");
    return EPP_E_BAD_CONFIG;
  }
  request.config_json = "{}";
  return plugin_create(&request, out, error);
}

#include "entry.h"
