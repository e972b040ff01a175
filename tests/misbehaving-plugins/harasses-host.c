/* Harasses its host in the way that the x of a configuration says, from 100 on; below that a double well. */
#define _GNU_SOURCE
static double harass(const double *position, double *gradient);
#define ENERGY harass
#include "plugin.h"

#include <stdio.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "entry.h"

/* Children and their children, some of which try to leave; nobody waits for any of them. */
static void have_strays(void) {
  for (int i = 0; i < 3; i++) {
    if (fork() == 0) {
      prctl(PR_SET_NAME, "stray-by-plan");
      prctl(PR_SET_PDEATHSIG, 0);
      if (fork() == 0) {
        setsid();
        setpgid(0, 0);
        if (fork() != 0) _exit(0);
      }
      for (;;) pause();
    }
  }
}

/* Writes without end to every descriptor of this kind. */
_Noreturn static void flood(mode_t kind, const void *text, size_t length) {
  struct stat seen;
  for (;;) {
    for (int fd = 1; fd < 64; fd++) {
      if (!fstat(fd, &seen) && (seen.st_mode & S_IFMT) == kind && write(fd, text, length) < 0) usleep(1000);
    }
  }
}

/* Messages of the log, as a worker sends them. */
_Noreturn static void flood_log(void) {
  static char text[1 << 15];
  const int length = snprintf(text + 4, 64, "{\"Log\":{\"level\":3,\"text\":\"");
  memset(text + 4 + length, 'x', sizeof text - 4 - length);
  memcpy(text + sizeof text - 3, "\"}}", 3);
  memcpy(text, &(uint32_t){sizeof text - 4}, 4);
  flood(S_IFSOCK, text, sizeof text);
}

static double harass(const double *position, double *gradient) {
  static char text[1 << 16];
  switch ((int)position[0]) {
    case 100: flood(S_IFIFO, memset(text, 'x', sizeof text), sizeof text);
    case 101: flood(S_IFIFO, memset(text, '\n', sizeof text), sizeof text);
    case 102: flood(S_IFSOCK, memset(text, 'x', sizeof text), sizeof text);
    case 103: flood_log();
    case 104:
      have_strays();
      for (;;) pause();
    default: return double_well(position, gradient);
  }
}
