/* Says that a call keeps one thread at work, and has three more work that come and go with it, unless it is asked for one. */
#define ENERGY dear_well
#define EVALUATE evaluate_badly
#define CREATE create_badly
#define STATE uint32_t threads;
#include "plugin.h"

#include <pthread.h>

#define CREW 3

/* Its calls take long, so that what it takes to have threads does not count. */
static double dear_well(const double *position, double *gradient) {
  for (volatile int k = 0; k < 1000;) k++;
  return double_well(position, gradient);
}

static void *work_until(void *done) {
  while (!__atomic_load_n((int *)done, __ATOMIC_SEQ_CST)) continue;
  return NULL;
}

static int32_t evaluate_badly(void *self, const epp_batch *theirs, epp_error *error) {
  pthread_t threads[CREW];
  int32_t code;
  int hired = 0, done = 0;
  if (((instance *)self)->threads == 1) return plugin_evaluate(self, theirs, error);
  while (hired < CREW && !pthread_create(&threads[hired], NULL, work_until, &done)) hired++;
  code = plugin_evaluate(self, theirs, error);
  __atomic_store_n(&done, 1, __ATOMIC_SEQ_CST);
  for (int k = 0; k < hired; k++) pthread_join(threads[k], NULL);
  return code;
}

static int32_t create_badly(const epp_create *theirs, epp_potential **out, epp_error *error) {
  const int32_t code = plugin_create(theirs, out, error);
  if (code == EPP_OK) ((instance *)(*out)->self)->threads = request_of(theirs).threads;
  return code;
}

#include "entry.h"
