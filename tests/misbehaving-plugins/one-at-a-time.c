/* Not bad: an instance takes one call at a time, and says so. A second call at the same moment fails. */
#define THREADS EPP_THREADS_SERIAL
#define EVALUATE evaluate_alone
#define STATE int inside;
#include "plugin.h"

static int32_t evaluate_alone(void *self, const epp_batch *batch, epp_error *error) {
  int *inside = &((instance *)self)->inside;
  if (__atomic_exchange_n(inside, 1, __ATOMIC_SEQ_CST)) {
    return refuse_call(batch, EPP_E_INTERNAL, "called twice at once", error);
  }
  const int32_t code = plugin_evaluate(self, batch, error);
  __atomic_store_n(inside, 0, __ATOMIC_SEQ_CST);
  return code;
}

#include "entry.h"
