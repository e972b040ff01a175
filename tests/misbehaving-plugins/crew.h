/* Threads that live on and work while a call does, beside the caller's. A file includes it after plugin.h. */
#include <pthread.h>

#ifndef CREW
#define CREW 1
#endif

static int calls; /* that go on */
static pthread_mutex_t turn = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t begun = PTHREAD_COND_INITIALIZER;

static void *work_during_calls(void *nothing) {
  for (;;) {
    pthread_mutex_lock(&turn);
    while (!__atomic_load_n(&calls, __ATOMIC_SEQ_CST)) pthread_cond_wait(&begun, &turn);
    pthread_mutex_unlock(&turn);
    while (__atomic_load_n(&calls, __ATOMIC_SEQ_CST)) continue;
  }
  return nothing;
}

static void hire(void) {
  pthread_t thread;
  for (int k = 0; k < CREW; k++) {
    if (pthread_create(&thread, NULL, work_during_calls, NULL)) abort();
  }
}

static int32_t evaluate_with_crew(void *self, const epp_batch *batch, epp_error *error) {
  static pthread_once_t hired = PTHREAD_ONCE_INIT;
  int32_t code;
  pthread_once(&hired, hire);
  pthread_mutex_lock(&turn);
  __atomic_add_fetch(&calls, 1, __ATOMIC_SEQ_CST);
  pthread_cond_broadcast(&begun);
  pthread_mutex_unlock(&turn);
  code = plugin_evaluate(self, batch, error);
  __atomic_sub_fetch(&calls, 1, __ATOMIC_SEQ_CST);
  return code;
}
