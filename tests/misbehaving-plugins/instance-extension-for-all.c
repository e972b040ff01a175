/* Its instances answer to every extension that they do not know. */
#define EXTENSION answer
#include "plugin.h"

static const void *answer(void *self, const char *id) {
  const char *const known[] = {EPP_EXT_TOPOLOGY, EPP_EXT_OUTPUTS, EPP_EXT_PARAMETERS, EPP_EXT_REFERENCE};
  (void)self;
  for (int i = 0; i < 4; i++) {
    if (strcmp(id, known[i]) == 0) return NULL;
  }
  return id;
}

#include "entry.h"
