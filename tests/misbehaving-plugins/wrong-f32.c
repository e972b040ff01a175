/* The gradient in f32 is that of something else. */
#define EVALUATE evaluate_in_both
#define DTYPES (EPP_DTYPE_F64 | EPP_DTYPE_F32)
#define GRADIENT_IN_SINGLE(gradient) (1.01 * (gradient))
#include "plugin.h"

#include "both.h"

#include "entry.h"
