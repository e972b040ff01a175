/* The first deinit ends it, however many inits there were. */
#define DEINIT end
#define INIT begin
#define DESCRIPTOR descriptor_while_alive
#include "plugin.h"

static int alive;

static int32_t begin(const epp_host *host, epp_error *error) {
  alive = 1;
  return plugin_init(host, error);
}

static void end(void) { alive = 0; }

static const epp_descriptor *descriptor_while_alive(uint32_t index) { return alive ? plugin_descriptor(index) : NULL; }

#include "entry.h"
