/* A plugin that behaves, in two dimensions: E = 5 (x^2 - 1)^2 + 10 y^2, in reduced units. Each .c file of this folder
 * defines some of the macros below before it includes this, and so misbehaves in one way. entry.h ends it. */
#ifndef PLUGIN_H
#define PLUGIN_H

#include <math.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "epp.h"

#ifndef MAGIC
#define MAGIC EPP_MAGIC
#endif
#ifndef MAJOR
#define MAJOR EPP_ABI_MAJOR
#endif
#ifndef MINOR
#define MINOR EPP_ABI_MINOR
#endif
#ifndef ENTRY_SIZE
#define ENTRY_SIZE sizeof(epp_entry)
#endif
#ifndef ENTRY_REQUIRED
#define ENTRY_REQUIRED 0
#endif
#ifndef ID
#define ID "misbehaving"
#endif
#ifndef NAME
#define NAME "A misbehaving double well"
#endif
/* With DEPTH there is one key: {"depth": 5}, the factor of the first term. */
#ifdef DEPTH
#define HAS_DEPTH 1
#else
#define HAS_DEPTH 0
#define DEPTH 5.0
#endif
#ifndef SCHEMA
#define SCHEMA                                                                                                         \
  (HAS_DEPTH ? "{\"type\": \"object\", \"additionalProperties\": false, \"properties\": {\"depth\": {\"type\": "       \
               "\"number\", \"minimum\": 1, \"maximum\": 9, \"default\": 5}}}"                                         \
             : "{\"type\": \"object\", \"additionalProperties\": false}")
#endif
#ifndef THREADS
#define THREADS EPP_THREADS_CONCURRENT
#endif
#ifndef DTYPES
#define DTYPES EPP_DTYPE_F64
#endif
#ifndef REQUIRED
#define REQUIRED NULL
#endif
#ifndef DESCRIPTOR_REQUIRED
#define DESCRIPTOR_REQUIRED 0
#endif
#ifndef TOPOLOGY
#define TOPOLOGY EPP_TOPOLOGY_IGNORED
#endif
#ifndef COUNT
#define COUNT 1
#endif
#ifndef ATOMS
#define ATOMS 1
#endif
#ifndef DIMENSIONS
#define DIMENSIONS 2
#endif
#ifndef MAX_BATCH
#define MAX_BATCH 0
#endif
#ifndef PERIODIC
#define PERIODIC 0
#endif
#ifndef DETERMINISM
#define DETERMINISM EPP_DETERMINISM_BITWISE
#endif
#ifndef SYMMETRIES
#define SYMMETRIES 0
#endif
#ifndef UNITS
#define UNITS EPP_UNITS_REDUCED
#endif
#ifndef INFO_REQUIRED
#define INFO_REQUIRED 0
#endif
#ifndef INFO_FLAGS
#define INFO_FLAGS 0
#endif
#ifndef THREADS_INSIDE
#define THREADS_INSIDE 1
#endif
/* The bits of epp_create.required and epp_batch.required that it takes. */
#ifndef KNOWN_REQUIRED
#define KNOWN_REQUIRED 0
#endif

/* Hooks, each of which may be replaced by a function of the same signature, or by NULL. */
#ifndef DESCRIPTOR
#define DESCRIPTOR plugin_descriptor
#endif
#ifndef CREATE
#define CREATE plugin_create
#endif
#ifndef LIBRARY_EXTENSION
#define LIBRARY_EXTENSION NULL
#endif
#ifndef INFO
#define INFO plugin_info
#endif
#ifndef EVALUATE
#define EVALUATE plugin_evaluate
#endif
#ifndef EXTENSION
#define EXTENSION plugin_extension
#endif
#ifndef DESTROY
#define DESTROY plugin_destroy
#endif
#ifndef DERIVE
#define DERIVE NULL
#endif
/* int32_t STATUS_OF_BOX(const double *box), where one counts. */
#ifndef STATUS_OF_BOX
#define STATUS_OF_BOX status_of_box
#endif
/* int32_t STATUS_OF_POSITION(const double *position), of one that is finite. */
#ifndef STATUS_OF_POSITION
#define STATUS_OF_POSITION status_of_position
#endif
/* int32_t REFUSE(const epp_batch *batch, epp_error *error), the code of a call that cannot be done. */
#ifndef REFUSE
#define REFUSE refuse
#endif
/* double ENERGY(const double *position, double *gradient), the gradient where it is not NULL. */
#ifndef ENERGY
#define ENERGY double_well
#endif

#define UNUSED __attribute__((unused))

#define ROW (ATOMS * DIMENSIONS)
/* Numbers of one row that fit on the stack. */
#define ROOM (ATOMS > 64 ? 1 : ROW)

/* What create makes. STATE adds fields of one file. */
#ifndef STATE
#define STATE
#endif
typedef struct instance {
  epp_potential potential;
  const epp_host *host;
  double depth;
  char fingerprint[17];
  STATE
} instance;

/* What the configuration that is being computed has beside its positions. */
typedef struct surroundings {
  const double *box;        /* NULL or [3][3] */
  const double *parameters; /* NULL or one of each */
  double depth;
  uint64_t seed, place;     /* the stream that it draws from */
} surroundings;
UNUSED static __thread surroundings now;

/* A quantity beside the energy, and what computes it from a position. */
typedef struct output {
  const char *name;
  const char *unit;
  uint32_t shape;
  uint64_t length;
  void (*write)(const double *position, double *to);
} output;

/* OUTPUTS and PARAMETERS name arrays that the file defines after it has included this; their ends have no name. */
#ifdef OUTPUTS
static const output OUTPUTS[];
#else
#define OUTPUTS no_outputs
UNUSED static const output no_outputs[] = {{NULL, NULL, 0, 0, NULL}};
#endif
#ifdef PARAMETERS
static const epp_parameter PARAMETERS[];
#else
#define PARAMETERS no_parameters
UNUSED static const epp_parameter no_parameters[] = {{sizeof(epp_parameter), NULL, NULL, 0.0, 0.0, 0.0}};
#endif

UNUSED static double ENERGY(const double *position, double *gradient);
UNUSED static int32_t STATUS_OF_BOX(const double *box);
UNUSED static int32_t STATUS_OF_POSITION(const double *position);
UNUSED static int32_t REFUSE(const epp_batch *batch, epp_error *error);

UNUSED static void say(epp_error *error, const char *text) {
  if (error && error->struct_size >= sizeof *error && error->text && error->capacity) {
    strncpy(error->text, text, error->capacity - 1);
    error->text[error->capacity - 1] = 0;
  }
}

/* Copies a struct to a caller, who may know less of it. */
UNUSED static void hand_out(void *to, const void *from, uint64_t size) {
  uint64_t theirs;
  memcpy(&theirs, to, sizeof theirs);
  if (theirs > size) theirs = size;
  if (theirs < sizeof theirs) return;
  memcpy((char *)to + sizeof theirs, (const char *)from + sizeof theirs, theirs - sizeof theirs);
  memcpy(to, &theirs, sizeof theirs);
}

UNUSED static uint32_t plugin_count(void) { return COUNT; }

UNUSED static const epp_descriptor *plugin_descriptor(uint32_t index) {
  static epp_descriptor descriptor;
  static int made;
  epp_descriptor it;
  if ((uint64_t)index + 1 > COUNT) return NULL;
  if (__atomic_load_n(&made, __ATOMIC_ACQUIRE)) return &descriptor;
  memset(&it, 0, sizeof it);
  it.struct_size = sizeof it;
  it.id = ID;
  it.name = NAME;
  it.version = "1.2.3";
  it.config_schema_json = SCHEMA;
  it.thread_model = THREADS;
  it.determinism = DETERMINISM;
  it.dtypes = DTYPES;
  it.symmetries = SYMMETRIES;
  it.units = UNITS;
  it.topology = TOPOLOGY;
  it.required = DESCRIPTOR_REQUIRED;
  it.required_extensions = REQUIRED;
  descriptor = it;
  __atomic_store_n(&made, 1, __ATOMIC_RELEASE);
  return &descriptor;
}

UNUSED static int32_t plugin_info(void *self, epp_info *out, epp_error *error) {
  epp_info info;
  (void)error;
  memset(&info, 0, sizeof info);
  info.atoms = ATOMS;
  info.max_batch = MAX_BATCH;
  info.dimensions = DIMENSIONS;
  info.periodic = PERIODIC;
  info.required = INFO_REQUIRED;
  info.flags = INFO_FLAGS;
  info.threads_inside = THREADS_INSIDE;
  info.fingerprint = ((instance *)self)->fingerprint;
  hand_out(out, &info, sizeof info);
  return EPP_OK;
}

UNUSED static double double_well(const double *position, double *gradient) {
  const double x = position[0], y = position[1], well = x * x - 1.0, depth = HAS_DEPTH ? now.depth : DEPTH;
  if (gradient) {
    gradient[0] = 4.0 * depth * x * well;
    gradient[1] = 20.0 * y;
  }
  return depth * well * well + 10.0 * y * y;
}

UNUSED static uint64_t number_of_outputs(void) {
  uint64_t count = 0;
  while (OUTPUTS[count].name) count++;
  return count;
}

UNUSED static uint64_t number_of_parameters(void) {
  uint64_t count = 0;
  while (PARAMETERS[count].name) count++;
  return count;
}

/* Numbers of one configuration. */
UNUSED static uint64_t length_of(const output *it) {
  switch (it->shape) {
    case EPP_SHAPE_SCALAR: return 1;
    case EPP_SHAPE_ATOMS: return ATOMS;
    case EPP_SHAPE_ATOMS_DIMENSIONS: return ROW;
    case EPP_SHAPE_MATRIX: return 9;
    default: return it->length;
  }
}

/* The batch as this version knows it: what an older host does not have is zero. */
UNUSED static epp_batch batch_of(const epp_batch *theirs) {
  epp_batch batch;
  memset(&batch, 0, sizeof batch);
  memcpy(&batch, theirs, theirs->struct_size < sizeof batch ? theirs->struct_size : sizeof batch);
  batch.struct_size = sizeof batch;
  if (!batch.position_stride) batch.position_stride = ROW;
  if (!batch.gradient_stride) batch.gradient_stride = ROW;
  return batch;
}

UNUSED static epp_create request_of(const epp_create *theirs) {
  epp_create request;
  memset(&request, 0, sizeof request);
  memcpy(&request, theirs, theirs->struct_size < sizeof request ? theirs->struct_size : sizeof request);
  request.struct_size = sizeof request;
  return request;
}

UNUSED static int stopped(const epp_batch *batch) {
  struct timespec clock;
  if (batch->cancel && *batch->cancel) return 1;
  if (!batch->deadline_ns) return 0;
  clock_gettime(CLOCK_MONOTONIC, &clock);
  return (uint64_t)clock.tv_sec * 1000000000u + (uint64_t)clock.tv_nsec >= batch->deadline_ns;
}

/* Status of a box, where one counts: its rows in as many dimensions as there are. */
UNUSED static int32_t status_of_box(const double *b) {
  double volume = 1.0, edges = 1.0;
  for (int k = 0; k < 9; k++) {
    if ((PERIODIC >> k / 3 & 1) && !isfinite(b[k])) return EPP_SAMPLE_NON_FINITE_INPUT;
  }
  if (PERIODIC == 7) {
    volume = b[0] * (b[4] * b[8] - b[5] * b[7]) - b[1] * (b[3] * b[8] - b[5] * b[6]) + b[2] * (b[3] * b[7] - b[4] * b[6]);
    for (int k = 0; k < 3; k++) edges *= sqrt(b[3 * k] * b[3 * k] + b[3 * k + 1] * b[3 * k + 1] + b[3 * k + 2] * b[3 * k + 2]);
  } else if (PERIODIC == 3) {
    volume = fabs(b[0] * b[4] - b[1] * b[3]); /* two rows have no hand */
    edges = sqrt((b[0] * b[0] + b[1] * b[1]) * (b[3] * b[3] + b[4] * b[4]));
  }
  return volume > 1e-9 * edges ? EPP_SAMPLE_OK : EPP_SAMPLE_OUTSIDE_DOMAIN;
}

UNUSED static int32_t status_of_position(const double *position) {
  (void)position;
  return EPP_SAMPLE_OK;
}

UNUSED static int32_t status_of_parameters(const double *values) {
  int32_t status = EPP_SAMPLE_OK;
  for (uint64_t k = 0; PARAMETERS[k].name; k++) {
    const int ranged = PARAMETERS[k].minimum != 0.0 || PARAMETERS[k].maximum != 0.0;
    if (!isfinite(values[k])) return EPP_SAMPLE_NON_FINITE_INPUT;
    if (ranged && (values[k] < PARAMETERS[k].minimum || values[k] > PARAMETERS[k].maximum)) {
      status = EPP_SAMPLE_OUTSIDE_DOMAIN;
    }
  }
  return status;
}

/* The value of a parameter for the configuration that is being computed. */
UNUSED static double parameter(uint64_t index) {
  return now.parameters ? now.parameters[index] : PARAMETERS[index].default_value;
}

UNUSED static double *place_of(const epp_batch *batch, uint64_t k, uint64_t i) {
  const epp_output *asked = batch->outputs[k];
  return (double *)asked->data + i * (asked->stride ? asked->stride : length_of(&OUTPUTS[asked->index]));
}

/* Everything that the header demands of one configuration. */
UNUSED static void evaluate_one(const epp_batch *batch, uint64_t i, double (*energy_of)(const double *, double *)) {
  const double *position = (const double *)batch->positions + i * batch->position_stride;
  double local[ROOM], *gradient = local, energy = NAN;
  int32_t status = EPP_SAMPLE_OK;
  now.box = batch->box ? batch->box + i * batch->box_stride : NULL;
  now.parameters = batch->parameters ? batch->parameters + i * batch->parameter_stride : NULL;
  now.seed = batch->seed;
  now.place = batch->first + i;
  if (batch->want & EPP_WANT_GRADIENT) gradient = (double *)batch->gradients + i * batch->gradient_stride;
  if (PERIODIC && now.box) status = STATUS_OF_BOX(now.box);
  if (now.parameters && status != EPP_SAMPLE_NON_FINITE_INPUT) {
    const int32_t found = status_of_parameters(now.parameters);
    if (found != EPP_SAMPLE_OK) status = found;
  }
  for (int k = 0; k < ROW; k++) {
    if (!isfinite(position[k])) status = EPP_SAMPLE_NON_FINITE_INPUT;
  }
  if (status == EPP_SAMPLE_OK) status = STATUS_OF_POSITION(position);
  if (stopped(batch)) status = EPP_SAMPLE_CANCELLED;
  if (status == EPP_SAMPLE_OK) {
    energy = energy_of(position, gradient);
    for (int k = 0; k < ROW; k++) {
      if (!isfinite(gradient[k])) status = EPP_SAMPLE_GRADIENT_NOT_FINITE;
    }
    if (!isfinite(energy)) status = EPP_SAMPLE_ENERGY_NOT_FINITE;
  }
  for (uint64_t k = 0; k < batch->output_count && status == EPP_SAMPLE_OK; k++) {
    const output *asked = &OUTPUTS[batch->outputs[k]->index];
    double *to = place_of(batch, k, i);
    asked->write(position, to);
    for (uint64_t n = 0; n < length_of(asked); n++) {
      if (!isfinite(to[n])) status = EPP_SAMPLE_GRADIENT_NOT_FINITE;
    }
  }
  if (status != EPP_SAMPLE_OK) {
    energy = NAN;
    for (int k = 0; k < ROW; k++) gradient[k] = 0.0;
    for (uint64_t k = 0; k < batch->output_count; k++) {
      for (uint64_t n = 0; n < length_of(&OUTPUTS[batch->outputs[k]->index]); n++) place_of(batch, k, i)[n] = NAN;
    }
  }
  if (batch->want & EPP_WANT_ENERGY) batch->energies[i] = energy;
  batch->statuses[i] = status;
}

UNUSED static int32_t refuse_call(const epp_batch *batch, int32_t code, const char *text, epp_error *error) {
  for (uint64_t i = 0; i < batch->count; i++) batch->statuses[i] = EPP_SAMPLE_INTERNAL;
  say(error, text);
  return code;
}

/* What evaluate cannot do: refuses it, or returns 0. */
UNUSED static int32_t refuse(const epp_batch *batch, epp_error *error) {
  if (batch->required & ~(uint32_t)KNOWN_REQUIRED) {
    return refuse_call(batch, EPP_E_UNSUPPORTED, "a required bit that is not known", error);
  }
  if (batch->dtype != EPP_DTYPE_F64) return refuse_call(batch, EPP_E_UNSUPPORTED, "only f64", error);
  if ((INFO_REQUIRED & EPP_INFO_NO_GRADIENT) && (batch->want & EPP_WANT_GRADIENT)) {
    return refuse_call(batch, EPP_E_UNSUPPORTED, "there is no gradient", error);
  }
  if (PERIODIC && !batch->box && batch->count) {
    return refuse_call(batch, EPP_E_INVALID_ARGUMENT, "periodic, and no box", error);
  }
  for (uint64_t k = 0; k < batch->output_count; k++) {
    if (batch->outputs[k]->index >= number_of_outputs()) {
      return refuse_call(batch, EPP_E_INVALID_ARGUMENT, "there is no such output", error);
    }
    if (batch->outputs[k]->dtype != EPP_DTYPE_F64) {
      return refuse_call(batch, EPP_E_UNSUPPORTED, "outputs in f64 only", error);
    }
    for (uint64_t j = 0; j < k; j++) {
      if (batch->outputs[j]->index == batch->outputs[k]->index) {
        return refuse_call(batch, EPP_E_INVALID_ARGUMENT, "an output is asked for twice", error);
      }
    }
  }
  return EPP_OK;
}

UNUSED static int32_t plugin_evaluate(void *self, const epp_batch *theirs, epp_error *error) {
  const epp_batch batch = batch_of(theirs);
  const int32_t code = REFUSE(&batch, error);
  if (code != EPP_OK) return code;
  now.depth = ((instance *)self)->depth;
  for (uint64_t i = 0; i < batch.count; i++) evaluate_one(&batch, i, ENERGY);
  return EPP_OK;
}

UNUSED static uint64_t outputs_count(void *self) {
  (void)self;
  return number_of_outputs();
}

UNUSED static int32_t outputs_describe(void *self, uint64_t index, epp_output_description *out, epp_error *error) {
  epp_output_description it;
  (void)self;
  if (index >= number_of_outputs()) {
    say(error, "there is no such output");
    return EPP_E_INVALID_ARGUMENT;
  }
  memset(&it, 0, sizeof it);
  it.name = OUTPUTS[index].name;
  it.unit = OUTPUTS[index].unit;
  it.shape = OUTPUTS[index].shape;
  it.length = OUTPUTS[index].length;
  hand_out(out, &it, sizeof it);
  return EPP_OK;
}

UNUSED static uint64_t parameters_count(void *self) {
  (void)self;
  return number_of_parameters();
}

UNUSED static int32_t parameters_describe(void *self, uint64_t index, epp_parameter *out, epp_error *error) {
  (void)self;
  if (index >= number_of_parameters()) {
    say(error, "there is no such parameter");
    return EPP_E_INVALID_ARGUMENT;
  }
  hand_out(out, &PARAMETERS[index], sizeof PARAMETERS[index]);
  return EPP_OK;
}

#ifndef DESCRIBE_OUTPUT
#define DESCRIBE_OUTPUT outputs_describe
#endif
#ifndef DESCRIBE_PARAMETER
#define DESCRIBE_PARAMETER parameters_describe
#endif

/* {}, or with DEPTH {"depth": NUMBER}. */
UNUSED static int takes_config(const char *config, double *depth) {
  int opened = 0, closed = 0;
  for (; *config; config++) {
    if (HAS_DEPTH && opened && !closed && strncmp(config, "\"depth\":", 8) == 0) {
      char *end;
      *depth = strtod(config + 8, &end);
      if (end == config + 8 || !(*depth >= 1.0 && *depth <= 9.0)) return 0;
      config = end - 1;
    } else if (*config == '{' && !opened) opened = 1;
    else if (*config == '}' && opened && !closed) closed = 1;
    else if (*config != ' ' && *config != '\n') return 0;
  }
  return closed;
}

UNUSED static void plugin_destroy(void *self) { free(self); }

/* In entry.h. */
UNUSED static int32_t plugin_create(const epp_create *theirs, epp_potential **out, epp_error *error);
UNUSED static const void *plugin_extension(void *self, const char *id);
UNUSED static instance *new_instance(const epp_host *host, double depth);

#endif
