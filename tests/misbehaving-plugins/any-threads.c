/* Does not tell how many threads a call keeps at work, and keeps two, however many it was asked to. */
#define EVALUATE evaluate_with_crew
#define THREADS_INSIDE 0
#include "plugin.h"

#include "crew.h"

#include "entry.h"
