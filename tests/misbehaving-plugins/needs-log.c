/* Calls the log of its host, whether there is one or not. */
#define EVALUATE evaluate_badly
#include "plugin.h"

static int32_t evaluate_badly(void *self, const epp_batch *theirs, epp_error *error) {
  const epp_host *host = ((instance *)self)->host;
  host->log(host->context, EPP_LOG_DEBUG, "evaluating");
  return plugin_evaluate(self, theirs, error);
}

#include "entry.h"
