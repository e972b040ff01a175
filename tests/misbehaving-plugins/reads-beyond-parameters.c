/* Has one global parameter, and reads two. */
#define EVALUATE evaluate_badly
#include "tilted.h"

static int32_t evaluate_badly(void *self, const epp_batch *theirs, epp_error *error) {
  static volatile double looked;
  const epp_batch batch = batch_of(theirs);
  for (uint64_t i = 0; batch.parameters && i < batch.count; i++) looked = batch.parameters[i * batch.parameter_stride + 1];
  (void)looked;
  return plugin_evaluate(self, theirs, error);
}

#include "entry.h"
