/* Says that a call keeps one thread at work, and keeps two, unless it is asked for one. */
#define EVALUATE evaluate_badly
#define CREATE create_badly
#define STATE uint32_t threads;
#include "plugin.h"

#include "crew.h"

static int32_t evaluate_badly(void *self, const epp_batch *theirs, epp_error *error) {
  if (((instance *)self)->threads == 1) return plugin_evaluate(self, theirs, error);
  return evaluate_with_crew(self, theirs, error);
}

static int32_t create_badly(const epp_create *theirs, epp_potential **out, epp_error *error) {
  const int32_t code = plugin_create(theirs, out, error);
  if (code == EPP_OK) ((instance *)(*out)->self)->threads = request_of(theirs).threads;
  return code;
}

#include "entry.h"
