/* Not bad: described as one for many calls at once, its instances are bound to the thread that created them, and say so. */
#define CREATE create_here
#define INFO info_of_it
#define EVALUATE evaluate_here
#define STATE pthread_t home;
#include <pthread.h>
#include "plugin.h"

static int32_t info_of_it(void *self, epp_info *out, epp_error *error) {
  epp_info info;
  memset(&info, 0, sizeof info);
  info.struct_size = sizeof info;
  const int32_t code = plugin_info(self, &info, error);
  info.thread_model = EPP_THREADS_AFFINE;
  info.symmetries = EPP_SYMMETRY_INVERSION | 1u << 20; /* and one that this header does not know */
  info.flags = 1u << 20;
  hand_out(out, &info, sizeof info);
  return code;
}

static int32_t evaluate_here(void *self, const epp_batch *batch, epp_error *error) {
  if (!pthread_equal(((instance *)self)->home, pthread_self())) {
    return refuse_call(batch, EPP_E_INTERNAL, "called on another thread than it was created on", error);
  }
  return plugin_evaluate(self, batch, error);
}

static int32_t create_here(const epp_create *request, epp_potential **out, epp_error *error);

#include "entry.h"

static int32_t create_here(const epp_create *request, epp_potential **out, epp_error *error) {
  const int32_t code = plugin_create(request, out, error);
  if (code == EPP_OK) ((instance *)*out)->home = pthread_self();
  return code;
}
