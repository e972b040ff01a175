/* Lets a C++ exception out of evaluate. */
#define EVALUATE evaluate_badly
#include "plugin.h"

#include <stdexcept>

static int32_t evaluate_badly(void *, const epp_batch *, epp_error *) { throw std::runtime_error("a file is missing"); }

#include "entry.h"
