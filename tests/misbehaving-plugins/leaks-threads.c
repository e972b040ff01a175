/* Every instance leaves a thread running. */
#define CREATE create_badly
#include "plugin.h"

#include <pthread.h>
#include <unistd.h>

static void *sleep_for_ever(void *nothing) {
  for (;;) pause();
  return nothing;
}

static int32_t create_badly(const epp_create *theirs, epp_potential **out, epp_error *error) {
  pthread_t thread;
  pthread_create(&thread, NULL, sleep_for_ever, NULL);
  return plugin_create(theirs, out, error);
}

#include "entry.h"
