/* Says that a call keeps two threads at work, one where it is asked for one, and keeps four, or one. */
#define EVALUATE evaluate_badly
#define CREATE create_badly
#define INFO info_badly
#define STATE uint32_t threads;
#define CREW 3
#include "plugin.h"

#include "crew.h"

static int32_t evaluate_badly(void *self, const epp_batch *theirs, epp_error *error) {
  if (((instance *)self)->threads == 1) return plugin_evaluate(self, theirs, error);
  return evaluate_with_crew(self, theirs, error);
}

static int32_t info_badly(void *self, epp_info *info, epp_error *error) {
  const int32_t code = plugin_info(self, info, error);
  if (info->struct_size > offsetof(epp_info, threads_inside) && ((instance *)self)->threads != 1) info->threads_inside = 2;
  return code;
}

static int32_t create_badly(const epp_create *theirs, epp_potential **out, epp_error *error) {
  const int32_t code = plugin_create(theirs, out, error);
  if (code == EPP_OK) ((instance *)(*out)->self)->threads = request_of(theirs).threads;
  return code;
}

#include "entry.h"
