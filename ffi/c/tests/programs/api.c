/* Everything that freeland.h promises, tried from C99. Argument: a folder with libfreeland_toys.so and plugins of pair.c. */
#include <math.h>
#include <pthread.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "freeland.h"

static int failures;

#define CHECK(condition)                                                                       \
  do {                                                                                         \
    if (!(condition)) {                                                                        \
      fprintf(stderr, "line %d: %s; last error: %s\n", __LINE__, #condition, freeland_last_error()); \
      failures++;                                                                              \
    }                                                                                          \
  } while (0)

/* Whether the last error of this thread has these words. */
static int said(const char *words) { return strstr(freeland_last_error(), words) != NULL; }

static freeland_batch batch_of(uint64_t count, const void *positions, double *energies, void *gradients, int32_t *statuses) {
  freeland_batch batch = {.struct_size = sizeof batch};
  batch.count = count;
  batch.dtype = EPP_DTYPE_F64;
  batch.positions = positions;
  batch.energies = energies;
  batch.gradients = gradients;
  batch.statuses = statuses;
  return batch;
}

static freeland_options options_of(const char *spec) {
  freeland_options options = {.struct_size = sizeof options};
  options.spec = spec;
  return options;
}

static freeland_potential *opened(const char *spec) {
  freeland_options options = options_of(spec);
  return freeland_open(&options);
}

static void evaluates(const freeland_potential *toy) {
  /* The minima of Mueller and Brown, to three digits. */
  const double positions[3][2] = {{-0.558, 1.442}, {0.623, 0.028}, {-0.050, 0.467}};
  const double expected[3] = {-146.700, -108.167, -80.768};
  double energies[3], gradients[3][2];
  int32_t statuses[3];
  freeland_batch batch = batch_of(3, positions, energies, gradients, statuses);
  CHECK(freeland_evaluate(toy, &batch) == EPP_OK);
  for (int i = 0; i < 3; i++) {
    CHECK(statuses[i] == EPP_SAMPLE_OK && fabs(energies[i] - expected[i]) < 1e-3);
    CHECK(fabs(gradients[i][0]) < 2.0 && fabs(gradients[i][1]) < 2.0);
  }

  /* Single precision, strides, and gaps that stay as they are. */
  const float wide[2][3] = {{-0.558f, 1.442f, 99.0f}, {0.623f, 0.028f, 99.0f}};
  float sloped[2][4] = {{7, 7, 7, 7}, {7, 7, 7, 7}};
  batch = batch_of(2, wide, energies, sloped, statuses);
  batch.dtype = EPP_DTYPE_F32;
  batch.position_stride = 3;
  batch.gradient_stride = 4;
  CHECK(freeland_evaluate(toy, &batch) == EPP_OK);
  CHECK(fabs(energies[0] - expected[0]) < 1e-2 && fabs(energies[1] - expected[1]) < 1e-2);
  CHECK(sloped[0][0] != 7 && sloped[0][2] == 7 && sloped[0][3] == 7 && sloped[1][3] == 7);

  /* One bad configuration fails alone. */
  const double bad[2][2] = {{NAN, 0.0}, {0.623, 0.028}};
  batch = batch_of(2, bad, energies, gradients, statuses);
  CHECK(freeland_evaluate(toy, &batch) == EPP_OK);
  CHECK(statuses[0] == EPP_SAMPLE_NON_FINITE_INPUT && isnan(energies[0]) && gradients[0][0] == 0.0);
  CHECK(statuses[1] == EPP_SAMPLE_OK && fabs(energies[1] - expected[1]) < 1e-3);
  CHECK(strcmp(freeland_status_name(statuses[0]), "non-finite input") == 0);
  CHECK(strcmp(freeland_status_name(99), "unknown") == 0 && strcmp(freeland_status_name(-1), "unknown") == 0);

  /* Nothing at all, and a flag that is up. */
  batch = batch_of(0, NULL, energies, NULL, NULL);
  CHECK(freeland_evaluate(toy, &batch) == EPP_OK);
  const volatile uint32_t cancel = 1;
  batch = batch_of(3, positions, energies, NULL, statuses);
  batch.cancel = &cancel;
  CHECK(freeland_evaluate(toy, &batch) == EPP_OK);
  CHECK(statuses[0] == EPP_SAMPLE_CANCELLED && statuses[2] == EPP_SAMPLE_CANCELLED);
}

static void refuses(const freeland_potential *toy, const freeland_potential *periodic) {
  const double positions[6] = {0}, boxes[9] = {2, 0, 0, 0, 2, 0, 0, 0, 2};
  double energies[3], gradients[6];
  int32_t statuses[3];
  freeland_batch batch = batch_of(1, positions, energies, gradients, statuses);
  CHECK(freeland_evaluate(NULL, &batch) == EPP_E_INVALID_ARGUMENT && said("freeland_evaluate: potential is NULL"));
  CHECK(freeland_evaluate(toy, NULL) == EPP_E_INVALID_ARGUMENT && said("batch is NULL"));
  batch.struct_size = 0;
  CHECK(freeland_evaluate(toy, &batch) == EPP_E_INVALID_ARGUMENT && said("batch has struct_size 0"));
  batch = batch_of(1, NULL, energies, NULL, statuses);
  CHECK(freeland_evaluate(toy, &batch) == EPP_E_INVALID_ARGUMENT && said("positions is NULL"));
  batch = batch_of(1, (const char *)positions + 1, energies, NULL, statuses);
  CHECK(freeland_evaluate(toy, &batch) == EPP_E_INVALID_ARGUMENT && said("positions is not aligned to 8 bytes"));
  batch = batch_of(1, positions, energies, NULL, NULL);
  CHECK(freeland_evaluate(toy, &batch) == EPP_E_INVALID_ARGUMENT && said("statuses is NULL"));
  batch = batch_of(1, positions, NULL, NULL, statuses);
  CHECK(freeland_evaluate(toy, &batch) == EPP_E_INVALID_ARGUMENT && said("nothing to do"));
  batch = batch_of(1, positions, energies, NULL, statuses);
  batch.dtype = 3;
  CHECK(freeland_evaluate(toy, &batch) == EPP_E_INVALID_ARGUMENT && said("dtype is 3"));
  batch = batch_of(2, positions, energies, NULL, statuses);
  batch.position_stride = 1;
  CHECK(freeland_evaluate(toy, &batch) == EPP_E_INVALID_ARGUMENT && said("the stride of positions is 1"));
  batch = batch_of(UINT64_MAX / 2, positions, energies, NULL, statuses);
  CHECK(freeland_evaluate(toy, &batch) == EPP_E_INVALID_ARGUMENT && said("spans more than there is memory"));
  batch = batch_of(1, positions, energies, NULL, statuses);
  CHECK(freeland_evaluate(periodic, &batch) == EPP_E_INVALID_ARGUMENT && said("needs a box"));
  epp_info info = {0};
  CHECK(freeland_info(toy, &info) == EPP_E_INVALID_ARGUMENT && freeland_info(toy, NULL) == EPP_E_INVALID_ARGUMENT);
  CHECK(freeland_describe(NULL) == NULL && freeland_derive(NULL, NULL) == NULL && freeland_derive(toy, NULL) == NULL);
  CHECK(said("the molecule cannot be used"));
  CHECK(freeland_parameter_count(NULL) == 0 && freeland_output_count(NULL) == 0 && freeland_parameter_count(toy) == 0);
  epp_parameter parameter = {.struct_size = sizeof parameter};
  CHECK(freeland_parameter(toy, 0, &parameter) == EPP_E_INVALID_ARGUMENT && said("index is 0, beyond the last"));
  CHECK(freeland_parameter(periodic, 0, NULL) == EPP_E_INVALID_ARGUMENT && said("parameter is NULL"));
  freeland_output output = {.struct_size = sizeof output, .name = "temperature", .data = energies};
  const freeland_output *outputs[2] = {&output, &output};
  batch = batch_of(1, positions, energies, NULL, statuses);
  batch.box = boxes;
  batch.output_count = 1;
  batch.outputs = outputs;
  CHECK(freeland_evaluate(periodic, &batch) == EPP_E_UNSUPPORTED && said("does not tell 'temperature'; beside energy"));
  output.name = "energy:spring";
  output.data = NULL;
  CHECK(freeland_evaluate(periodic, &batch) == EPP_E_INVALID_ARGUMENT && said("the data of an output is NULL"));
  output.data = gradients;
  batch.output_count = 2;
  CHECK(freeland_evaluate(periodic, &batch) == EPP_E_INVALID_ARGUMENT && said("wanted twice"));
  batch.outputs = NULL;
  CHECK(freeland_evaluate(periodic, &batch) == EPP_E_INVALID_ARGUMENT && said("outputs is NULL"));
}

static void boxes_and_parameters(const freeland_potential *pair) {
  epp_parameter parameter = {.struct_size = sizeof parameter};
  CHECK(freeland_parameter_count(pair) == 2 && freeland_parameter(pair, 0, &parameter) == EPP_OK);
  CHECK(strcmp(parameter.name, "stiffness") == 0 && parameter.default_value == 1000.0);
  CHECK(strcmp(parameter.unit, "kJ/mol/nm^2") == 0 && parameter.minimum == 0.0 && parameter.maximum == 0.0);
  CHECK(freeland_parameter(pair, 1, &parameter) == EPP_OK && strcmp(parameter.name, "length") == 0);
  CHECK(freeland_parameter(pair, UINT64_MAX, &parameter) == EPP_E_INVALID_ARGUMENT);
  epp_info info = {.struct_size = sizeof info};
  CHECK(freeland_info(pair, &info) == EPP_OK);
  CHECK(info.atoms == 2 && info.dimensions == 3 && info.periodic == 7 && info.struct_size == sizeof info);
  CHECK(info.thread_model == EPP_THREADS_CONCURRENT && info.determinism == EPP_DETERMINISM_BITWISE && info.required == 0);
  CHECK(info.dtypes == EPP_DTYPE_F64 && info.units == EPP_UNITS_MD && info.threads_inside == 1);
  CHECK(info.fingerprint && strcmp(info.fingerprint, "5061697220322e30") == 0);
  /* A smaller struct, of an older caller: no byte beyond it is touched. */
  epp_info old = {.struct_size = 16};
  old.max_batch = 99;
  CHECK(freeland_info(pair, &old) == EPP_OK && old.atoms == 2 && old.max_batch == 99 && old.struct_size == 16);

  /* Two configurations, each with a box and parameters of its own: 0.3 nm, across a face and not. */
  const double positions[2][6] = {{0, 0, 0, 1.7, 0, 0}, {0, 0, 0, 0.3, 0, 0}};
  const double boxes[2][9] = {{2, 0, 0, 0, 2, 0, 0, 0, 2}, {5, 0, 0, 0, 5, 0, 0, 0, 5}};
  const double parameters[2][2] = {{100.0, 0.1}, {10.0, 0.2}};
  double energies[2], gradients[2][6];
  int32_t statuses[2];
  freeland_batch batch = batch_of(2, positions, energies, gradients, statuses);
  batch.box = boxes[0];
  batch.box_stride = 9;
  batch.parameters = parameters[0];
  batch.parameter_stride = 2;
  CHECK(freeland_evaluate(pair, &batch) == EPP_OK);
  CHECK(fabs(energies[0] - 0.5 * 100.0 * 0.04) < 1e-12 && fabs(energies[1] - 0.5 * 10.0 * 0.01) < 1e-12);
  CHECK(fabs(gradients[0][0] - 20.0) < 1e-12 && fabs(gradients[1][0] + 1.0) < 1e-12);

  /* Outputs by name, of the same computation. */
  CHECK(freeland_output_count(pair) == 3);
  epp_output_description about = {.struct_size = sizeof about};
  CHECK(freeland_output_describe(pair, 0, &about) == EPP_OK && strcmp(about.name, "virial") == 0);
  CHECK(about.shape == EPP_SHAPE_MATRIX && strcmp(about.unit, "kJ/mol") == 0 && about.description == NULL);
  CHECK(freeland_output_describe(pair, 2, &about) == EPP_OK && about.shape == EPP_SHAPE_ATOMS);
  CHECK(freeland_output_describe(pair, 3, &about) == EPP_E_INVALID_ARGUMENT);
  double virial[2][3][3], spring[2], charges[2][2];
  const freeland_output first = {sizeof first, "charges", charges[0]}, second = {sizeof second, "virial", virial[0][0]},
                        third = {sizeof third, "energy:spring", spring};
  const freeland_output *const outputs[3] = {&first, &second, &third};
  batch.output_count = 3;
  batch.outputs = outputs;
  CHECK(freeland_evaluate(pair, &batch) == EPP_OK && spring[0] == energies[0] && spring[1] == energies[1]);
  /* -0.3 nm along x with a slope of 20, and 0.3 nm with a slope of 1. */
  CHECK(fabs(virial[0][0][0] - 6.0) < 1e-12 && virial[0][1][1] == 0.0 && fabs(virial[1][0][0] - 0.3) < 1e-12);
  CHECK(charges[0][0] == 0.5 && charges[1][1] == -0.5);
  batch.energies = NULL;
  batch.gradients = NULL;
  spring[0] = 0.0;
  CHECK(freeland_evaluate(pair, &batch) == EPP_OK && spring[0] == energies[0]); /* outputs alone */
}

typedef struct heard {
  int warnings, others;
  char last[256];
} heard;

static void hear(void *context, uint32_t level, const char *library, const char *text) {
  heard *all = context;
  if (level == EPP_LOG_WARNING && strcmp(library, "libpair_periodic.so") == 0)
    all->warnings++;
  else
    all->others++;
  snprintf(all->last, sizeof all->last, "%s", text);
}

/* A folder for relative paths, threads, a log. */
static void creation(const char *folder) {
  char spec[4096], path[4096];
  snprintf(spec, sizeof spec, "%s/libpair_periodic.so", folder);
  snprintf(path, sizeof path, "%s/spring.txt", folder);
  FILE *file = fopen(path, "w");
  if (file) fclose(file);
  heard all = {0, 0, ""};
  freeland_options options = options_of(spec);
  options.config_json = "{\"file\":\"spring.txt\"}";
  CHECK(freeland_open(&options) == NULL && said("one that is there"));
  options.folder = folder;
  options.threads = 5;
  options.log = hear;
  options.log_context = &all;
  freeland_potential *potential = freeland_open(&options);
  CHECK(potential != NULL && all.warnings == 1 && strcmp(all.last, "a spring on 5 threads") == 0);
  freeland_close(potential);
  CHECK(all.others == 1 && strcmp(all.last, "the spring is gone") == 0);
}

static void opens(const char *folder) {
  char spec[4096];
  CHECK(freeland_open(NULL) == NULL && said("options is NULL"));
  CHECK(opened(NULL) == NULL && said("spec is NULL or empty"));
  CHECK(opened("no-such-plugin") == NULL && said("there is no plugin 'no-such-plugin'"));
  CHECK(opened("/nowhere/libx.so") == NULL && said("'/nowhere/libx.so' does not exist"));
  CHECK(opened("x\xff") == NULL && said("spec is not UTF-8"));
  snprintf(spec, sizeof spec, "%s/libfreeland_toys.so#gaussian", folder);
  freeland_options options = options_of(spec);
  const char *const configs[][2] = {
      {"{", "config_json is no JSON: '{'"}, {"[]", "expected a JSON object"}, {"{\"men\": 1}", "refuses its configuration"}};
  for (int i = 0; i < 3; i++) {
    options.config_json = configs[i][0];
    CHECK(freeland_open(&options) == NULL && said(configs[i][1]));
  }
  options.config_json = NULL;
  options.isolation = 2;
  CHECK(freeland_open(&options) == NULL && said("isolation is 2, expected 0 or 1"));
  options.isolation = 0;
  options.confinement = -1;
  CHECK(freeland_open(&options) == NULL && said("confinement is -1, expected 0 or 1"));
  options.confinement = 0;
  options.sha256 = "00";
  CHECK(freeland_open(&options) == NULL && said("the configuration pins 00"));
  options.struct_size = 1u << 20;
  CHECK(freeland_open(&options) == NULL && said("options has struct_size 1048576"));
  freeland_options shorter = options_of("mueller-brown"); /* an older caller, whose struct ends early */
  shorter.struct_size = offsetof(freeland_options, sha256);
  shorter.search_path = folder;
  shorter.sha256 = "00";
  freeland_potential *found = freeland_open(&shorter); /* by its manifest */
  CHECK(found != NULL);
  const char *about = freeland_describe(found);
  CHECK(about && strstr(about, "\"id\":\"mueller-brown\"") && strstr(about, "\"units\":\"reduced\""));
  freeland_close(found);
  freeland_close(NULL);
}

typedef struct work {
  const freeland_potential *potential;
  int wrong;
} work;

static void *many_calls(void *given) {
  work *mine = given;
  const double positions[6] = {0, 0, 0, 0.3, 0, 0};
  double energy, gradient[6];
  int32_t status;
  freeland_batch batch = batch_of(1, positions, &energy, gradient, &status);
  for (int i = 0; i < 200; i++)
    if (freeland_evaluate(mine->potential, &batch) != EPP_OK || status != 0 || fabs(energy - 20.0) > 1e-12) mine->wrong++;
  /* The last error belongs to a thread. */
  if (mine->wrong == 0 && strcmp(freeland_last_error(), "") != 0) mine->wrong++;
  return NULL;
}

/* One potential, four threads: a serial plugin is called by one at a time, an affine one on its own thread. */
static void threads(const char *folder, const char *name) {
  char spec[4096];
  snprintf(spec, sizeof spec, "%s/lib%s.so", folder, name);
  freeland_potential *potential = opened(spec);
  CHECK(potential != NULL);
  pthread_t ids[4];
  work works[4];
  for (int i = 0; i < 4; i++) {
    works[i] = (work){potential, 0};
    CHECK(pthread_create(&ids[i], NULL, many_calls, &works[i]) == 0);
  }
  for (int i = 0; i < 4; i++) {
    pthread_join(ids[i], NULL);
    CHECK(works[i].wrong == 0);
  }
  freeland_close(potential);
}

/* A plugin that aborts, in a worker: a status, and the process goes on. */
static void worker(const char *folder) {
  char spec[4096];
  snprintf(spec, sizeof spec, "%s/libpair_crashing.so", folder);
  freeland_options options = options_of(spec);
  options.isolation = FREELAND_WORKER;
  options.workers = 1;
  options.memory = 1u << 30;
  options.time_limit_ms = 5000;
  freeland_potential *potential = freeland_open(&options);
  CHECK(potential != NULL);
  const double positions[2][6] = {{0, 0, 0, 200.0, 0, 0}, {0, 0, 0, 0.3, 0, 0}};
  double energies[2];
  int32_t statuses[2];
  freeland_batch batch = batch_of(2, positions, energies, NULL, statuses);
  CHECK(freeland_evaluate(potential, &batch) == EPP_OK);
  CHECK(statuses[0] == EPP_SAMPLE_INTERNAL && isnan(energies[0]));
  CHECK(statuses[1] == EPP_SAMPLE_OK && fabs(energies[1] - 20.0) < 1e-12);
  freeland_close(potential);
}

int main(int count, char **arguments) {
  if (count != 2) return 2;
  char spec[4096];
  CHECK(strcmp(freeland_last_error(), "") == 0 && strlen(freeland_version()) >= 5);
  snprintf(spec, sizeof spec, "%s/libfreeland_toys.so#mueller-brown", arguments[1]);
  freeland_potential *toy = opened(spec);
  snprintf(spec, sizeof spec, "%s/libpair_periodic.so", arguments[1]);
  freeland_potential *pair = opened(spec);
  CHECK(toy != NULL && pair != NULL);
  if (!toy || !pair) return 1;
  evaluates(toy);
  refuses(toy, pair);
  boxes_and_parameters(pair);
  freeland_close(toy);
  freeland_close(pair);
  opens(arguments[1]);
  creation(arguments[1]);
  threads(arguments[1], "pair_serial");
  threads(arguments[1], "pair_affine");
  worker(arguments[1]);
  printf("%d failures\n", failures);
  return failures != 0;
}
