/* A plugin whose every number, pointer and text is decided by a tape of bytes, which the test writes into a copy of the
 * library. What it says may be anything; memory it points to is there, as far as a host that checks will look: no host
 * can tell a small buffer from a large one by its address. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#define epp_plugin_entry constant_entry /* the one below is written when the library is loaded */
#include "epp.h"
#undef epp_plugin_entry

#define MARK "EPP-HOSTILE-TAPE"
enum { LENGTH = 512, LONG_TEXT = 2 << 20 };

__attribute__((used, aligned(16))) static volatile unsigned char tape[16 + LENGTH] = MARK;
static unsigned place;

static unsigned next(void) { return tape[16 + place++ % LENGTH]; }
/* Some tapes hurt all the time, others seldom, so that later calls are reached as well. */
static int one_in(unsigned n) {
  static const unsigned patience[] = {1, 6, 30, 100};
  const unsigned low = next();
  return (low | next() << 8) % (n * patience[tape[16] % 4]) == 0;
}

/* A function, or now and then NULL. */
#define SOME(function) (one_in(24) ? NULL : (function))

static uint64_t number(uint64_t good) {
  static const uint64_t bad[] = {0, 1, 7, 8, 255, 4097, 100000, 100001, 1u << 31, 1ull << 40, 1ull << 63, UINT64_MAX};
  if (!one_in(10)) return good;
  return bad[next() % (sizeof bad / sizeof *bad)];
}

static uint64_t size(uint64_t good) { return one_in(3) ? number(good) : good; }

static const char *text(const char *good) {
  char *endless;
  if (!one_in(12)) return good;
  switch (next() % 6) {
    case 0: return NULL;
    case 1: return "";
    case 2: return "\xff\xfe\x80";
    case 3: return "with a \n line, a \t tab and \x1b[31m colour";
    case 4: return "{\"type\": [[[[[[[[";
    default:
      endless = malloc(LONG_TEXT); /* no NUL within the first MiB */
      if (endless) memset(endless, 'a', LONG_TEXT), endless[LONG_TEXT - 1] = 0;
      return endless;
  }
}

static int32_t code(epp_error *error) {
  static const int32_t bad[] = {1, 2, 3, 4, 5, 6, 7, -1, INT32_MAX, INT32_MIN};
  if (!one_in(8)) return EPP_OK;
  if (error && error->text && error->capacity) { /* no NUL, not UTF-8 */
    memset(error->text, one_in(2) ? 'x' : 0xc3, error->capacity);
    if (one_in(3)) error->text[0] = 0;
  }
  return bad[next() % (sizeof bad / sizeof *bad)];
}

/* A pointer, or NULL, or one that is not aligned but can be read. */
static void *pointer(void *good) {
  if (!one_in(16)) return good;
  return one_in(2) ? NULL : (char *)good + 1;
}

static int32_t info(void *self, epp_info *out, epp_error *error) {
  (void)self;
  out->atoms = number(2);
  out->dimensions = (uint32_t)number(3);
  out->max_batch = number(one_in(2) ? 0 : 1 + next());
  out->preferred_batch = number(0);
  out->periodic = (uint32_t)number(one_in(4) ? 7 : 0);
  out->required = (uint32_t)number(one_in(4) ? next() % 4 : 0);
  out->flags = (uint32_t)number(0);
  out->thread_model = (uint32_t)number(next() % 5);
  out->determinism = (uint32_t)number(next() % 4);
  out->dtypes = (uint32_t)number(next() % 4);
  out->symmetries = (uint32_t)number(0);
  out->units = (uint32_t)number(next() % 3);
  out->threads_inside = (uint32_t)number(next() % 2);
  out->fingerprint = text("abc");
  out->cutoff_nm = one_in(12) ? (one_in(2) ? (double)NAN : -1.0) : 1.0;
  out->struct_size = size(sizeof *out);
  return code(error);
}

static double any_double(double good) {
  switch (next() % 12) {
    case 0: return (double)NAN;
    case 1: return (double)INFINITY;
    case 2: return 1e308;
    default: return good;
  }
}

static void statuses(const epp_batch *batch) {
  uint64_t i;
  for (i = 0; i < batch->count; i++)
    if (!one_in(9)) batch->statuses[i] = one_in(4) ? (int32_t)number(next() % 10) : 0;
}

static int32_t evaluate(void *self, const epp_batch *batch, epp_error *error) {
  uint64_t i, k;
  (void)self;
  for (k = 0; k < batch->output_count; k++) { /* a stride is at least one row */
    const epp_output *output = batch->outputs[k];
    for (i = 0; i < batch->count * output->stride; i++) ((double *)output->data)[i] = any_double(1.0);
  }
  for (i = 0; i < batch->count; i++) {
    if (batch->energies) batch->energies[i] = any_double(1.0);
    if (batch->gradients)
      for (k = 0; k < 2; k++) {
        void *row = (char *)batch->gradients + i * batch->gradient_stride * (batch->dtype == EPP_DTYPE_F32 ? 4 : 8);
        if (batch->dtype == EPP_DTYPE_F64) ((double *)row)[k] = any_double(-2.0);
      }
  }
  statuses(batch);
  return code(error);
}

static int32_t topology(void *self, epp_topology *out, epp_error *error) {
  static uint32_t numbers[2] = {1, 8}, residues[2], bonds[2 * 128];
  static double masses[2] = {1.0, 16.0}, charges[2], positions[6];
  static const char *names[2];
  int i;
  (void)self;
  out->atoms = number(2);
  out->bonds = number(next() % 3);
  for (i = 0; i < 2 * 128; i++) bonds[i] = (uint32_t)(one_in(8) ? number(1) : (unsigned)i % 2);
  for (i = 0; i < 2; i++) {
    names[i] = text("CA");
    masses[i] = any_double(1.0);
    charges[i] = any_double(0.5);
    positions[i] = any_double(0.1);
  }
  out->atomic_numbers = pointer(numbers);
  out->masses = pointer(masses);
  out->charges = pointer(charges);
  out->atom_names = pointer(names);
  out->residues = pointer(residues);
  out->residue_names = pointer(names);
  out->bond_atoms = pointer(bonds);
  out->positions = pointer(positions);
  out->periodic = (uint32_t)number(0);
  out->struct_size = size(sizeof *out);
  return code(error);
}

static uint64_t count_of(void *self) {
  (void)self;
  return number(3);
}

static int32_t describe_output(void *self, uint64_t index, epp_output_description *out, epp_error *error) {
  static const char *names[] = {"virial", "energy:well", "charges"};
  (void)self;
  out->name = one_in(4) ? text("virial") : names[index % 3];
  out->unit = text("kJ/mol");
  out->description = text(NULL);
  out->shape = (uint32_t)number(1 + next() % 5);
  out->length = number(2);
  out->struct_size = size(sizeof *out);
  return code(error);
}

static int32_t describe_parameter(void *self, uint64_t index, epp_parameter *out, epp_error *error) {
  (void)self, (void)index;
  out->name = one_in(2) ? "term" : text("term");
  out->unit = text(NULL);
  out->default_value = any_double(1.0);
  out->minimum = any_double(0.0);
  out->maximum = any_double(0.0);
  out->struct_size = size(sizeof *out);
  return code(error);
}

static const void *extension(void *self, const char *id) {
  static epp_topology_extension for_topology;
  static epp_outputs_extension for_outputs;
  static epp_parameters_extension for_parameters;
  (void)self;
  if (!id || one_in(6)) return NULL;
  if (!strcmp(id, EPP_EXT_TOPOLOGY)) {
    for_topology = (epp_topology_extension){size(sizeof for_topology), SOME(topology)};
    return pointer(&for_topology);
  }
  if (!strcmp(id, EPP_EXT_OUTPUTS)) {
    for_outputs = (epp_outputs_extension){size(sizeof for_outputs), SOME(count_of), SOME(describe_output)};
    return pointer(&for_outputs);
  }
  if (!strcmp(id, EPP_EXT_PARAMETERS)) {
    for_parameters = (epp_parameters_extension){size(sizeof for_parameters), SOME(count_of), SOME(describe_parameter)};
    return pointer(&for_parameters);
  }
  return NULL;
}

static void destroy(void *self) { (void)self; }

static uint32_t count(void) { return (uint32_t)number(1); }

static const epp_descriptor *descriptor(uint32_t index) {
  static epp_descriptor it;
  static const char *required[400];
  unsigned i, end = one_in(8) ? 400 : 0;
  (void)index;
  for (i = 0; i < end; i++) required[i] = "some.extension/1";
  it = (epp_descriptor){size(sizeof it), text("hostile"), text("Hostile"), text("1.0.0"), text(NULL), text(NULL),
                        text(NULL), text(NULL), text("{}"), (uint32_t)number(1 + next() % 3), (uint32_t)number(0),
                        (uint32_t)number(one_in(3) ? 3 : 1), (uint32_t)number(15), (uint32_t)number(0),
                        (uint32_t)number(next() % 3), (uint32_t)next(), (uint32_t)number(0),
                        one_in(8) ? required : NULL};
  return pointer(&it);
}

static int32_t create(const epp_create *request, epp_potential **out, epp_error *error);

static int32_t derive(void *self, const epp_create *request, epp_potential **out, epp_error *error) {
  (void)self;
  return create(request, out, error);
}

static int32_t create(const epp_create *request, epp_potential **out, epp_error *error) {
  static epp_potential it;
  const epp_host *host = request->host;
  if (host && host->log && one_in(4)) host->log(host->context, (uint32_t)number(3), text("hello"));
  it = (epp_potential){size(sizeof it), (void *)(uintptr_t)number(1), SOME(info), SOME(evaluate), SOME(extension),
                       SOME(destroy), SOME(derive)};
  if (!one_in(20)) *out = pointer(&it);
  return code(error);
}

EPP_EXPORT epp_entry epp_plugin_entry;

__attribute__((constructor)) static void begin(void) {
  epp_plugin_entry = (epp_entry){size(sizeof epp_plugin_entry), (uint32_t)(one_in(40) ? number(0) : EPP_MAGIC),
                                 (uint32_t)(one_in(40) ? number(2) : EPP_ABI_MAJOR), (uint32_t)number(0), (uint32_t)number(0),
                                 SOME(count), SOME(descriptor), SOME(create), NULL};
}
