/* All instances log to the host of the one that was made last. */
#define CREATE create_badly
#define EVALUATE evaluate_badly
#include "plugin.h"

static const epp_host *volatile last;

static int32_t create_badly(const epp_create *theirs, epp_potential **out, epp_error *error) {
  const int32_t code = plugin_create(theirs, out, error);
  if (code == EPP_OK) last = theirs->host;
  return code;
}

static int32_t evaluate_badly(void *self, const epp_batch *theirs, epp_error *error) {
  const epp_host *host = last;
  if (host->log) host->log(host->context, EPP_LOG_DEBUG, "evaluating");
  return plugin_evaluate(self, theirs, error);
}

#include "entry.h"
