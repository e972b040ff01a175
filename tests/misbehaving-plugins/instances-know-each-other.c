/* The energy depends on how many instances there are. */
#define CREATE create_badly
#define EVALUATE evaluate_in_company
#define DESTROY destroy_one
#include "plugin.h"

static int alive;

static void destroy_one(void *self) {
  alive--;
  plugin_destroy(self);
}

static int32_t evaluate_in_company(void *self, const epp_batch *theirs, epp_error *error) {
  const epp_batch batch = batch_of(theirs);
  const int32_t code = plugin_evaluate(self, theirs, error);
  for (uint64_t i = 0; batch.energies && i < batch.count; i++) batch.energies[i] += 0.1 * (alive - 1);
  return code;
}

static int32_t create_badly(const epp_create *theirs, epp_potential **out, epp_error *error) {
  const int32_t code = plugin_create(theirs, out, error);
  if (code == EPP_OK) alive++;
  return code;
}

#include "entry.h"
