/* Energies of an energy plugin along a line, from C: the Mueller-Brown potential between two of its minima.
 *
 *   cc -I ffi/c/include -I ffi/epp/include host/examples/c/freeland.c -L target/release -lfreeland -o energies
 *   LD_LIBRARY_PATH=target/release ./energies target/release/libfreeland_toys.so#mueller-brown
 */
#include <stdio.h>

#include "freeland.h"

enum { POINTS = 11 };

int main(int count, char **arguments) {
  const char *plugin = count > 1 ? arguments[1] : "mueller-brown";
  freeland_options options = {.struct_size = sizeof options};
  options.spec = plugin;
  freeland_potential *potential = freeland_open(&options);
  if (!potential) {
    fprintf(stderr, "%s\n", freeland_last_error());
    return 1;
  }
  epp_info info = {.struct_size = sizeof info};
  if (freeland_info(potential, &info) || info.atoms != 1 || info.dimensions != 2) {
    fprintf(stderr, "%s: one particle in two dimensions is needed here\n", plugin);
    freeland_close(potential);
    return 1;
  }

  const double from[2] = {-0.558, 1.442}, to[2] = {0.623, 0.028};
  double positions[POINTS][2], energies[POINTS], gradients[POINTS][2];
  int32_t statuses[POINTS];
  for (int i = 0; i < POINTS; i++)
    for (int k = 0; k < 2; k++) positions[i][k] = from[k] + (to[k] - from[k]) * i / (POINTS - 1);

  freeland_batch batch = {.struct_size = sizeof batch};
  batch.count = POINTS;
  batch.dtype = EPP_DTYPE_F64;
  batch.positions = positions;
  batch.energies = energies;
  batch.gradients = gradients;
  batch.statuses = statuses;
  if (freeland_evaluate(potential, &batch)) {
    fprintf(stderr, "%s\n", freeland_last_error());
    freeland_close(potential);
    return 1;
  }
  for (int i = 0; i < POINTS; i++)
    printf("%8.3f %8.3f %12.4f  %s\n", positions[i][0], positions[i][1], energies[i], freeland_status_name(statuses[i]));
  freeland_close(potential);
  return 0;
}
