/* Works on as many threads as it likes, however many it was asked to. */
#include <pthread.h>

#define EVALUATE evaluate_badly
#define THREADS_INSIDE 0
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
  if (pthread_create(&thread, NULL, elsewhere, &it)) return plugin_evaluate(self, theirs, error);
  pthread_join(thread, NULL);
  return it.code;
}

#include "entry.h"
