/* What it derives ends with what it was derived from. */
#define DEPTH 5.0
#define DERIVE derive
#define EVALUATE evaluate_badly
#define DESTROY end
#define STATE                    \
  const struct instance *parent; \
  int children, ended;
#include "plugin.h"

static int32_t derive(void *self, const epp_create *theirs, epp_potential **out, epp_error *error) {
  const epp_create request = request_of(theirs);
  instance *parent = (instance *)self;
  if (request.required & ~(uint32_t)KNOWN_REQUIRED) {
    say(error, "a required bit that is not known");
    return EPP_E_UNSUPPORTED;
  }
  if (request.topology && request.topology->atoms > ATOMS) {
    say(error, "one atom only");
    return EPP_E_BAD_TOPOLOGY;
  }
  instance *child = new_instance(request.host, parent->depth);
  child->parent = parent;
  parent->children++;
  *out = &child->potential;
  return EPP_OK;
}

/* The memory of a parent stays, so that this is a wrong number and no accident. */
static void end(void *self) {
  instance *it = (instance *)self;
  it->ended = 1;
  if (!it->children) plugin_destroy(self);
}

static int32_t evaluate_badly(void *self, const epp_batch *theirs, epp_error *error) {
  instance copy = *(instance *)self;
  if (copy.parent && copy.parent->ended) copy.depth = 1.0;
  return plugin_evaluate(&copy, theirs, error);
}

#include "entry.h"
