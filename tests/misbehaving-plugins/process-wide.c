/* Not bad: all of its instances take one call at a time together, and it says so. A second call, create or destroy at the
 * same moment ends the process. */
#define THREADS EPP_THREADS_PROCESS
#define CREATE create_alone
#define EVALUATE evaluate_alone
#define DESTROY destroy_alone
#include "plugin.h"

#include <unistd.h>

static int inside;

static void enter(void) {
  if (__atomic_exchange_n(&inside, 1, __ATOMIC_SEQ_CST)) abort();
  usleep(200);
}

static void leave(void) { __atomic_store_n(&inside, 0, __ATOMIC_SEQ_CST); }

static void destroy_alone(void *self) {
  enter();
  free(self);
  leave();
}

static int32_t evaluate_alone(void *self, const epp_batch *batch, epp_error *error) {
  enter();
  const int32_t code = plugin_evaluate(self, batch, error);
  leave();
  return code;
}

static int32_t create_alone(const epp_create *request, epp_potential **out, epp_error *error);

#include "entry.h"

static int32_t create_alone(const epp_create *request, epp_potential **out, epp_error *error) {
  enter();
  const int32_t code = plugin_create(request, out, error);
  leave();
  return code;
}
