/* A parameter is beyond its range by default. */
#define PARAMETERS tilts
#include "plugin.h"

static const epp_parameter tilts[] = {
    {sizeof(epp_parameter), "tilt", NULL, 3.0, -2.0, 2.0},
    {sizeof(epp_parameter), NULL, NULL, 0.0, 0.0, 0.0},
};

#include "entry.h"
