// The edge between a host and potential.hpp: epp.h says what each function here owes. No exception passes `guard`.
// Change the description below.
#include "epp.h"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <cstring>
#include <exception>
#include <memory>
#include <new>
#include <stdexcept>
#include <string>
#include <vector>

#include "potential.hpp"

namespace {

constexpr epp_descriptor description = [] {
  epp_descriptor mine{};
  mine.struct_size = sizeof mine;
  mine.id = "template-cpp";
  mine.name = "Lennard-Jones atoms";
  mine.version = "0.1.0";
  mine.config_schema_json = R"({"type": "object", "additionalProperties": false})";
  mine.thread_model = EPP_THREADS_CONCURRENT;   // evaluate writes nothing that is shared
  mine.determinism = EPP_DETERMINISM_BITWISE;   // and sums in an order that no batch and no thread changes
  mine.dtypes = EPP_DTYPE_F64;
  mine.symmetries =
      EPP_SYMMETRY_TRANSLATION | EPP_SYMMETRY_ROTATION | EPP_SYMMETRY_INVERSION | EPP_SYMMETRY_PERMUTATION;
  mine.units = EPP_UNITS_MD;
  mine.topology = EPP_TOPOLOGY_IGNORED;
  return mine;
}();

constexpr std::size_t width = 3 * Potential::atoms;
constexpr std::uint64_t outputs = 1;  // the virial

struct Instance {
  epp_potential table;
  Potential potential;
  std::vector<double> start, masses;
  std::vector<std::uint32_t> numbers;
};

// A failure of a whole call: its code and its sentence.
struct Failure : std::runtime_error {
  std::int32_t code;
  Failure(std::int32_t code, const std::string& text) : std::runtime_error(text), code(code) {}
};

std::int32_t fail(epp_error* error, std::int32_t code, const char* text) noexcept {
  if (error && error->struct_size >= sizeof *error && error->text && error->capacity)
    std::snprintf(error->text, static_cast<std::size_t>(error->capacity), "%s", text);
  return code;
}

// Runs `work`; whatever it throws becomes a code and a sentence.
template <class Work>
std::int32_t guard(epp_error* error, Work work) noexcept {
  try {
    work();
    return EPP_OK;
  } catch (const Failure& failure) {
    return fail(error, failure.code, failure.what());
  } catch (const std::bad_alloc&) {
    return fail(error, EPP_E_OUT_OF_MEMORY, "out of memory");
  } catch (const std::exception& exception) {
    return fail(error, EPP_E_INTERNAL, exception.what());
  } catch (...) {
    return fail(error, EPP_E_INTERNAL, "an exception that is no std::exception");
  }
}

// A copy of a struct of the host, as far as that reaches; what an older host does not have is zero, and what a newer one
// has beyond is not looked at.
template <class Struct>
Struct take_over(const Struct* theirs, const char* what) {
  if (!theirs || theirs->struct_size < sizeof theirs->struct_size)
    throw Failure(EPP_E_INVALID_ARGUMENT, std::string(what) + " is null, or has no struct_size");
  Struct mine{};
  std::memcpy(static_cast<void*>(&mine), theirs, std::min<std::size_t>(theirs->struct_size, sizeof mine));
  return mine;
}

// Copies `mine` as far as the struct of the host reaches, and says how far that is.
template <class Struct>
void hand_over(Struct* theirs, const Struct& mine) {
  if (!theirs || theirs->struct_size < sizeof theirs->struct_size)
    throw Failure(EPP_E_INVALID_ARGUMENT, "out is null, or has no struct_size");
  const std::uint64_t filled = std::min<std::uint64_t>(theirs->struct_size, sizeof mine);
  std::memcpy(static_cast<void*>(theirs), &mine, static_cast<std::size_t>(filled));
  theirs->struct_size = filled;
}

std::int32_t info(void*, epp_info* out, epp_error* error) noexcept {
  return guard(error, [=] {
    epp_info mine{};
    mine.struct_size = sizeof mine;
    mine.atoms = Potential::atoms;
    mine.dimensions = 3;
    mine.threads_inside = 1;
    hand_over(out, mine);
  });
}

bool must_stop(const epp_batch& batch) {
  if (batch.cancel && *batch.cancel) return true;
  if (!batch.deadline_ns) return false;
  using namespace std::chrono;  // steady_clock is CLOCK_MONOTONIC
  const auto now = duration_cast<nanoseconds>(steady_clock::now().time_since_epoch()).count();
  return static_cast<std::uint64_t>(now) >= batch.deadline_ns;
}

template <class Values>
bool all_finite(const Values& values) {
  return std::all_of(values.begin(), values.end(), [](double value) { return std::isfinite(value); });
}

// The status of one configuration; its results, which the caller clears where it is not 0.
std::int32_t one(const Potential& potential, const double* r, Results& results) {
  if (!std::all_of(r, r + width, [](double value) { return std::isfinite(value); }))
    return EPP_SAMPLE_NON_FINITE_INPUT;
  results = Results{};
  potential(r, results);
  if (!std::isfinite(results.energy)) return EPP_SAMPLE_ENERGY_NOT_FINITE;
  if (!all_finite(results.gradient) || !all_finite(results.virial)) return EPP_SAMPLE_GRADIENT_NOT_FINITE;
  return EPP_SAMPLE_OK;
}

// The host's batch, and the place of the virial where that is asked for. Statuses are written whatever else is wrong.
struct Request {
  epp_batch batch;
  bool energy, gradient;
  epp_output virial{};

  explicit Request(const epp_batch* theirs) : batch(take_over(theirs, "evaluate: the batch")) {
    const auto invalid = [](const char* text) { return Failure(EPP_E_INVALID_ARGUMENT, text); };
    if (batch.count && !batch.statuses) throw invalid("evaluate: no statuses");
    std::fill_n(batch.statuses, batch.count, EPP_SAMPLE_INTERNAL);
    // Bits of `required` change what the rest of the batch means. Unknown bits of `want` do not.
    if (batch.required) throw Failure(EPP_E_UNSUPPORTED, "evaluate: `required` has bits that are not known here");
    if (batch.dtype != EPP_DTYPE_F64) throw Failure(EPP_E_UNSUPPORTED, "evaluate: only f64 positions");
    energy = batch.want & EPP_WANT_ENERGY;
    gradient = batch.want & EPP_WANT_GRADIENT;
    if (!energy && !gradient && !batch.output_count) throw invalid("evaluate: nothing is wanted");
    if (!batch.position_stride) batch.position_stride = width;
    if (!batch.gradient_stride) batch.gradient_stride = width;
    if (batch.position_stride < width || batch.gradient_stride < width)
      throw invalid("evaluate: a stride is shorter than a configuration");
    if (batch.count && (!batch.positions || (energy && !batch.energies) || (gradient && !batch.gradients)))
      throw invalid("evaluate: a buffer is null");
    if (batch.output_count > outputs || (batch.output_count && !batch.outputs))
      throw invalid("evaluate: one output may be asked for, once");
    if (!batch.output_count) return;
    virial = take_over(batch.outputs[0], "evaluate: an output");
    if (virial.index != 0) throw invalid("evaluate: no output has this index");
    if (virial.dtype != EPP_DTYPE_F64) throw Failure(EPP_E_UNSUPPORTED, "evaluate: outputs are written as f64");
    if (!virial.stride) virial.stride = 9;
    if (virial.stride < 9 || (batch.count && !virial.data))
      throw invalid("evaluate: an output is null, or its stride too short");
  }
};

std::int32_t evaluate(void* self, const epp_batch* theirs, epp_error* error) noexcept {
  return guard(error, [=] {
    const Potential& potential = static_cast<Instance*>(self)->potential;
    const Request request(theirs);
    const epp_batch& batch = request.batch;
    Results results;
    for (std::uint64_t i = 0; i < batch.count; i++) {
      const double* r = static_cast<const double*>(batch.positions) + i * batch.position_stride;
      const std::int32_t status = must_stop(batch) ? EPP_SAMPLE_CANCELLED : one(potential, r, results);
      if (status != EPP_SAMPLE_OK) {
        results = Results{};
        results.energy = NAN;
        results.virial.fill(NAN);
      }
      if (request.energy) batch.energies[i] = results.energy;
      if (request.gradient)
        std::copy(results.gradient.begin(), results.gradient.end(),
                  static_cast<double*>(batch.gradients) + i * batch.gradient_stride);
      if (request.virial.data)
        std::copy(results.virial.begin(), results.virial.end(),
                  static_cast<double*>(request.virial.data) + i * request.virial.stride);
      batch.statuses[i] = status;
    }
  });
}

// epp.outputs/1: what evaluate writes beside energy and gradient.
std::uint64_t output_count(void*) noexcept { return outputs; }

std::int32_t describe_output(void*, std::uint64_t index, epp_output_description* out, epp_error* error) noexcept {
  return guard(error, [=] {
    if (index >= outputs) throw Failure(EPP_E_INVALID_ARGUMENT, "outputs: no output has this index");
    epp_output_description mine{};
    mine.struct_size = sizeof mine;
    mine.name = "virial";
    mine.unit = "kJ/mol";
    mine.shape = EPP_SHAPE_MATRIX;
    hand_over(out, mine);
  });
}

const epp_outputs_extension outputs_table = {sizeof(epp_outputs_extension), output_count, describe_output};

// epp.topology/1: what the atoms are, and a configuration to start from.
std::int32_t topology(void* self, epp_topology* out, epp_error* error) noexcept {
  return guard(error, [=] {
    const Instance& me = *static_cast<Instance*>(self);
    epp_topology mine{};
    mine.struct_size = sizeof mine;
    mine.atoms = Potential::atoms;
    mine.atomic_numbers = me.numbers.data();
    mine.masses = me.masses.data();
    mine.positions = me.start.data();
    hand_over(out, mine);
  });
}

const epp_topology_extension topology_table = {sizeof(epp_topology_extension), topology};

const void* extension(void*, const char* id) noexcept {
  if (id && std::strcmp(id, EPP_EXT_OUTPUTS) == 0) return &outputs_table;
  if (id && std::strcmp(id, EPP_EXT_TOPOLOGY) == 0) return &topology_table;
  return nullptr;
}

void destroy(void* self) noexcept { delete static_cast<Instance*>(self); }

std::uint32_t count() noexcept { return 1; }
const epp_descriptor* descriptor(std::uint32_t index) noexcept { return index == 0 ? &description : nullptr; }

// Whether a configuration is `{}`, the only one there is.
bool is_empty_object(std::string config) {
  config.erase(std::remove_if(config.begin(), config.end(),
                              [](char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }),
               config.end());
  return config == "{}";
}

std::int32_t create(const epp_create* theirs, epp_potential** out, epp_error* error) noexcept {
  return guard(error, [=] {
    const epp_create request = take_over(theirs, "create: the request");
    if (request.required) throw Failure(EPP_E_UNSUPPORTED, "create: `required` has bits that are not known here");
    if (!request.id || !out) throw Failure(EPP_E_INVALID_ARGUMENT, "create: id or out is null");
    if (std::strcmp(request.id, description.id) != 0)
      throw Failure(EPP_E_UNKNOWN_ID, "create: this library has: template-cpp");
    if (request.config_json && !is_empty_object(request.config_json))
      throw Failure(EPP_E_BAD_CONFIG, "create: template-cpp has nothing to configure; expected {}");
    auto me = std::make_unique<Instance>();
    me->start = me->potential.start();
    me->masses.assign(Potential::atoms, Potential::mass);
    me->numbers.assign(Potential::atoms, Potential::atomic_number);
    me->table = {sizeof(epp_potential), me.get(), info, evaluate, extension, destroy, nullptr};
    *out = &me.release()->table;
  });
}

}  // namespace

extern "C" {
const epp_entry epp_plugin_entry = {
    sizeof(epp_entry), EPP_MAGIC, EPP_ABI_MAJOR, EPP_ABI_MINOR, 0, count, descriptor, create, nullptr};
}
