/* Does what the x of a configuration says: from 100 on something terrible, below that a double well. It takes one call at
 * a time, so that there are several workers. Its `create` aborts where the configuration says "abort". */
#define _GNU_SOURCE
#define THREADS EPP_THREADS_SERIAL
#define CREATE create_or_not
#define EVALUATE evaluate_by_position
#include "plugin.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <unistd.h>

/* A bit for each thing that a confined worker must not be able to do, or must, and is not. */
static double what_is_wrong(void) {
  int wrong = 0;
  char path[4096];
  snprintf(path, sizeof path, "/tmp/freeland-isolation-%d", (int)getpid());
  if (open(path, O_CREAT | O_WRONLY, 0600) >= 0) unlink(path), wrong |= 1;
  if (socket(AF_INET, SOCK_STREAM, 0) >= 0) wrong |= 2;
  if (socket(AF_UNIX, SOCK_STREAM, 0) >= 0) wrong |= 4;
  if (kill(getppid(), 0) == 0) wrong |= 8;
  if (ptrace(PTRACE_ATTACH, getppid(), 0, 0) == 0) wrong |= 16;
  if (prctl(PR_SET_PDEATHSIG, 0) == 0) wrong |= 32;
  snprintf(path, sizeof path, "%s/scratch", getenv("TMPDIR"));
  const int scratch = open(path, O_CREAT | O_WRONLY, 0600);
  if (scratch < 0 || write(scratch, "x", 1) != 1) wrong |= 64;
  if (open("/dev/null", O_WRONLY) < 0) wrong |= 128;
  return wrong;
}

/* Leaves children behind that would like to outlive everything. */
static void have_children(void) {
  for (int i = 0; i < 3; i++) {
    if (fork() == 0) {
      prctl(PR_SET_NAME, "orphan-by-plan");
      setsid();
      setpgid(0, 0);
      for (;;) pause();
    }
  }
  usleep(20000);
}

static double by_position(double x, const epp_batch *batch, int32_t *status) {
  volatile int *nowhere = NULL;
  volatile char *leaked;
  switch ((int)x) {
    case 100: abort();
    case 101: return *nowhere;
    case 102: exit(3);
    case 103: for (;;) usleep(1000);
    case 104:
      while (!*batch->cancel) usleep(1000);
      *status = EPP_SAMPLE_CANCELLED;
      return 0;
    case 105:
      for (;;) {
        char *more = malloc(1 << 24);
        if (!more) abort();
        memset(more, 1, 1 << 24);
      }
    case 106: have_children(); abort();
    case 107: return what_is_wrong();
    case 109:
      leaked = malloc(1 << 24);
      if (!leaked) *status = EPP_SAMPLE_OUT_OF_MEMORY;
      for (int i = 0; leaked && i < 1 << 24; i += 4096) leaked[i] = 1;
      return 0;
    case 108: return printf("noise on stdout\n");
    default: return -1;
  }
}

static int32_t evaluate_by_position(void *self, const epp_batch *batch, epp_error *error) {
  (void)self, (void)error;
  const uint64_t from = batch->position_stride ? batch->position_stride : 2;
  const uint64_t to = batch->gradient_stride ? batch->gradient_stride : 2;
  for (uint64_t i = 0; i < batch->count; i++) {
    const double *position = (const double *)batch->positions + i * from;
    double unused[2], *gradient = batch->gradients ? (double *)batch->gradients + i * to : unused;
    int32_t status = EPP_SAMPLE_OK;
    double energy = double_well(position, gradient);
    if (position[0] >= 100) energy = by_position(position[0], batch, &status);
    if (batch->energies) batch->energies[i] = energy;
    batch->statuses[i] = status;
  }
  fflush(stdout);
  return EPP_OK;
}

static int32_t create_or_not(const epp_create *theirs, epp_potential **out, epp_error *error) {
  if (theirs->config_json && strstr(theirs->config_json, "abort")) {
    fprintf(stderr, "the parameter file bit me\n");
    abort();
  }
  return plugin_create(theirs, out, error);
}

#include "entry.h"
