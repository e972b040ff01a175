/* All instances have the configuration of the one that was made last. */
#define DEPTH 5.0
#define CREATE create_badly
#define EVALUATE evaluate_badly
#include "plugin.h"

static volatile double last = DEPTH;

static int32_t create_badly(const epp_create *theirs, epp_potential **out, epp_error *error) {
  const int32_t code = plugin_create(theirs, out, error);
  if (code == EPP_OK) last = ((instance *)(*out)->self)->depth;
  return code;
}

static int32_t evaluate_badly(void *self, const epp_batch *theirs, epp_error *error) {
  instance copy = *(instance *)self;
  copy.depth = last;
  return plugin_evaluate(&copy, theirs, error);
}

#include "entry.h"
