/* Not bad: an instance is bound to the thread that created it, and it says so. On any other it fails. */
#define THREADS EPP_THREADS_AFFINE
#define CREATE create_here
#define EVALUATE evaluate_here
#define DESTROY destroy_here
#include "plugin.h"

#include <pthread.h>
#include <stdlib.h>

struct bound {
  epp_potential potential;
  pthread_t home;
};

static void destroy_here(void *self) { free(self); }

static int32_t evaluate_here(void *self, const epp_batch *batch, epp_error *error) {
  if (!pthread_equal(((struct bound *)self)->home, pthread_self())) {
    return refuse_call(batch, EPP_E_INTERNAL, "called on another thread than it was created on", error);
  }
  return plugin_evaluate(self, batch, error);
}

static int32_t create_here(const epp_create *request, epp_potential **out, epp_error *error);

#include "entry.h"

static int32_t create_here(const epp_create *request, epp_potential **out, epp_error *error) {
  epp_potential *made;
  const int32_t code = plugin_create(request, &made, error);
  if (code != EPP_OK) return code;
  struct bound *bound = malloc(sizeof *bound);
  if (!bound) return EPP_E_OUT_OF_MEMORY;
  bound->potential = *made;
  bound->potential.self = bound;
  bound->home = pthread_self();
  *out = &bound->potential;
  return EPP_OK;
}
