/* Works on the main thread only, and does not say so. */
#define EVALUATE evaluate_badly
#include "plugin.h"

#include <sys/syscall.h>
#include <unistd.h>

static int32_t evaluate_badly(void *self, const epp_batch *theirs, epp_error *error) {
  const epp_batch batch = batch_of(theirs);
  if (syscall(SYS_gettid) != getpid()) return refuse_call(&batch, EPP_E_INTERNAL, "not the main thread", error);
  return plugin_evaluate(self, theirs, error);
}

#include "entry.h"
