/* Says that a call works on the caller's thread, and works on another one. */
#include <pthread.h>

#define EVALUATE evaluate_badly
#define CREATE create_badly
#define STATE uint32_t threads;
#include "plugin.h"

/* What a call is to do. */
typedef struct work {
  void *self;
  const epp_batch *batch;
  epp_error *error;
  int32_t code;
} work;

static void *elsewhere(void *pointer) {
  work *it = (work *)pointer;
  for (volatile int busy = 0; busy < 200000;) busy++;
  it->code = plugin_evaluate(it->self, it->batch, it->error);
  return NULL;
}

static int32_t evaluate_badly(void *self, const epp_batch *theirs, epp_error *error) {
  work it = {self, theirs, error, EPP_E_INTERNAL};
  pthread_t thread;
  if (((instance *)self)->threads == 1) return plugin_evaluate(self, theirs, error);
  if (pthread_create(&thread, NULL, elsewhere, &it)) return plugin_evaluate(self, theirs, error);
  pthread_join(thread, NULL);
  return it.code;
}

static int32_t create_badly(const epp_create *theirs, epp_potential **out, epp_error *error) {
  const int32_t code = plugin_create(theirs, out, error);
  if (code == EPP_OK) ((instance *)(*out)->self)->threads = request_of(theirs).threads;
  return code;
}

#include "entry.h"
