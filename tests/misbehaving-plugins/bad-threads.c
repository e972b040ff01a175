/* Declares a thread model that does not exist. */
#define THREADS 9u
#include "plugin.h"

#include "entry.h"
