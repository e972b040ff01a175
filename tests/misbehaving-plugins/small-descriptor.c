/* Its description says that it ends before its id. */
#define DESCRIPTOR descriptor_badly
#include "plugin.h"

static const epp_descriptor *descriptor_badly(uint32_t index) {
  static epp_descriptor small;
  if (index >= COUNT) return NULL;
  small = *plugin_descriptor(index);
  small.struct_size = sizeof small.struct_size;
  return &small;
}

#include "entry.h"
