/* Says that it draws by the seed, and draws the same numbers for each. */
#define INFO_FLAGS EPP_FLAG_USES_SEED
#define ENERGY noisy
#include "plugin.h"

/* Between -1 and 1. */
static double draw(uint64_t seed, uint64_t place) {
  uint64_t hash = (seed + 1) * 0x9e3779b97f4a7c15u ^ (place + 1) * 0xbf58476d1ce4e5b9u;
  hash = (hash ^ hash >> 30) * 0x94d049bb133111ebu;
  hash ^= hash >> 31;
  return (double)(hash >> 11) / 4503599627370496.0 - 1.0;
}

static double noisy(const double *position, double *gradient) {
  return double_well(position, gradient) + 0.1 * draw(0, now.place);
}

#include "entry.h"
