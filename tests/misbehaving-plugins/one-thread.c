/* Not bad: an instance is bound to the thread that created it, and it says so. On any other it fails. */
#include <pthread.h>

#define THREADS EPP_THREADS_AFFINE
#define CREATE create_here
#define EVALUATE evaluate_here
#define STATE pthread_t home;
#include "plugin.h"

static int32_t evaluate_here(void *self, const epp_batch *batch, epp_error *error) {
  if (!pthread_equal(((instance *)self)->home, pthread_self())) {
    return refuse_call(batch, EPP_E_INTERNAL, "called on another thread than it was created on", error);
  }
  return plugin_evaluate(self, batch, error);
}

static int32_t create_here(const epp_create *theirs, epp_potential **out, epp_error *error) {
  const int32_t code = plugin_create(theirs, out, error);
  if (code == EPP_OK) ((instance *)(*out)->self)->home = pthread_self();
  return code;
}

#include "entry.h"
