/* While it is loaded, another file takes its name. */
#define _GNU_SOURCE
#include "plugin.h"

#include <dlfcn.h>
#include <stdio.h>

__attribute__((constructor)) static void replace(void) {
  Dl_info info;
  char other[4096];
  if (!dladdr((void *)replace, &info)) abort();
  snprintf(other, sizeof other, "%s.other", info.dli_fname);
  (void)!rename(other, info.dli_fname);
}

#include "entry.h"
