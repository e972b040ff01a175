/* Not bad: it is bound to the thread that created it, and says so. On any other it fails. */
#define THREADS EPP_THREADS_AFFINE
#define CREATE create_here
#define EVALUATE evaluate_here
#include "plugin.h"

#include <pthread.h>

static pthread_t home;

static int32_t evaluate_here(void *self, const epp_batch *batch, epp_error *error) {
  if (!pthread_equal(home, pthread_self())) {
    say(error, "called on another thread than it was created on");
    return EPP_E_INTERNAL;
  }
  return plugin_evaluate(self, batch, error);
}

static int32_t create_here(const char *id, const char *config_json, const epp_topology *topology, epp_potential **out,
                           epp_error *error);

#include "entry.h"

static int32_t create_here(const char *id, const char *config_json, const epp_topology *topology, epp_potential **out,
                           epp_error *error) {
  home = pthread_self();
  return plugin_create(id, config_json, topology, out, error);
}
