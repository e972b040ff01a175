/* Finds out that a box spans nothing when its energy is not finite. */
#define STATUS_OF_BOX any_box
#include "lattice.h"

static int32_t any_box(const double *box) {
  const int32_t status = status_of_box(box);
  return status == EPP_SAMPLE_OUTSIDE_DOMAIN ? EPP_SAMPLE_ENERGY_NOT_FINITE : status;
}

#include "entry.h"
