/* Has a description for every index. */
#define DESCRIPTOR descriptor_for_all
#include "plugin.h"

static const epp_descriptor *descriptor_for_all(uint32_t index) {
  (void)index;
  return plugin_descriptor(0);
}

#include "entry.h"
