/* Not bad: it evaluates f32 too, with its outputs. */
#define EVALUATE evaluate_in_both
#define DTYPES (EPP_DTYPE_F64 | EPP_DTYPE_F32)
#include "quantities.h"

#include "both.h"

#include "entry.h"
