/* Looks at the flag when it begins, and not again. */
#define EVALUATE evaluate_badly
#include "plugin.h"

static int32_t evaluate_badly(void *self, const epp_batch *theirs, epp_error *error) {
  epp_batch batch = batch_of(theirs);
  const int32_t code = refuse(&batch, error);
  (void)self;
  if (code != EPP_OK) return code;
  if (!batch.cancel || !*batch.cancel) batch.cancel = NULL;
  for (uint64_t i = 0; i < batch.count; i++) {
    for (volatile int work = stopped(&batch) ? 100000 : 0; work < 100000;) work++;
    evaluate_one(&batch, i, double_well);
  }
  return EPP_OK;
}

#include "entry.h"
