/* The default values that it tells are not those that it computes with. */
#define PARAMETERS                                                                                                     \
  {.struct_size = sizeof(epp_parameter), .name = "well"}, { .struct_size = sizeof(epp_parameter), .name = "spring" }
#define EVALUATE evaluate_parameters
#include "plugin.h"

static int32_t evaluate_parameters(void *self, const epp_batch *theirs, epp_error *error) {
  const epp_batch batch = batch_of(theirs);
  const int32_t code = plugin_evaluate(self, theirs, error);
  for (uint64_t i = 0; code == EPP_OK && batch.energies && i < batch.count; i++) {
    batch.energies[i] += batch.parameters ? batch.parameters[i * batch.parameter_stride] : 1.0;
  }
  return code;
}

#include "entry.h"
