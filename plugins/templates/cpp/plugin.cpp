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

const epp_descriptor description = {
    sizeof(epp_descriptor), "template-cpp", "Lennard-Jones atoms", "0.1.0", nullptr, nullptr, nullptr, nullptr,
    R"({"type": "object", "additionalProperties": false})",
    EPP_THREADS_CONCURRENT,   // evaluate writes nothing that is shared
    EPP_DETERMINISM_BITWISE,  // and sums in an order that no batch and no thread changes
    EPP_DTYPE_F64,
    EPP_SYMMETRY_TRANSLATION | EPP_SYMMETRY_ROTATION | EPP_SYMMETRY_INVERSION | EPP_SYMMETRY_PERMUTATION,
    EPP_UNITS_MD, 0, nullptr};

constexpr std::size_t width = 3 * Potential::atoms;

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
  return guard(error, [=] { hand_over(out, {sizeof(epp_info), Potential::atoms, 0, 0, 3, 0, 0.0, 0, 0}); });
}

bool must_stop(const epp_batch& batch) {
  if (batch.cancel && *batch.cancel) return true;
  if (!batch.deadline_ns) return false;
  using namespace std::chrono;  // steady_clock is CLOCK_MONOTONIC
  const auto now = duration_cast<nanoseconds>(steady_clock::now().time_since_epoch()).count();
  return static_cast<std::uint64_t>(now) >= batch.deadline_ns;
}

bool all_finite(const double* values) {
  return std::all_of(values, values + width, [](double value) { return std::isfinite(value); });
}

// The status of one configuration; its energy and gradient, which the caller clears where it is not 0.
std::int32_t one(const Potential& potential, const double* r, std::uint32_t want, double& energy,
                 std::vector<double>& gradient) {
  if (!all_finite(r)) return EPP_SAMPLE_NON_FINITE_INPUT;
  std::fill(gradient.begin(), gradient.end(), 0.0);
  energy = potential(r, gradient.data());
  if (!std::isfinite(energy)) return EPP_SAMPLE_ENERGY_NOT_FINITE;
  if ((want & EPP_WANT_GRADIENT) && !all_finite(gradient.data())) return EPP_SAMPLE_GRADIENT_NOT_FINITE;
  return EPP_SAMPLE_OK;
}

// The host's batch, checked; what an older host does not have is zero. Statuses are written whatever else is wrong.
epp_batch checked(const epp_batch* theirs) {
  const auto invalid = [](const char* text) { return Failure(EPP_E_INVALID_ARGUMENT, text); };
  if (!theirs || theirs->struct_size < sizeof theirs->struct_size) throw invalid("evaluate: no batch");
  epp_batch batch{};
  std::memcpy(&batch, theirs, std::min<std::size_t>(theirs->struct_size, sizeof batch));
  if (batch.count && !batch.statuses) throw invalid("evaluate: no statuses");
  std::fill_n(batch.statuses, batch.count, EPP_SAMPLE_INTERNAL);
  if (batch.dtype != EPP_DTYPE_F64) throw Failure(EPP_E_UNSUPPORTED, "evaluate: only f64 positions");
  if (!batch.want) throw invalid("evaluate: nothing is wanted");
  if (batch.want & ~(EPP_WANT_ENERGY | EPP_WANT_GRADIENT))
    throw Failure(EPP_E_UNSUPPORTED, "evaluate: want has unknown bits");
  if (!batch.position_stride) batch.position_stride = width;
  if (!batch.gradient_stride) batch.gradient_stride = width;
  if (batch.position_stride < width || batch.gradient_stride < width)
    throw invalid("evaluate: a stride is shorter than a configuration");
  if (batch.count && (!batch.positions || ((batch.want & EPP_WANT_ENERGY) && !batch.energies) ||
                      ((batch.want & EPP_WANT_GRADIENT) && !batch.gradients)))
    throw invalid("evaluate: a buffer is null");
  return batch;
}

std::int32_t evaluate(void* self, const epp_batch* theirs, epp_error* error) noexcept {
  return guard(error, [=] {
    const Potential& potential = static_cast<Instance*>(self)->potential;
    const epp_batch batch = checked(theirs);
    std::vector<double> gradient(width);
    for (std::uint64_t i = 0; i < batch.count; i++) {
      const double* r = static_cast<const double*>(batch.positions) + i * batch.position_stride;
      double energy = 0.0;
      const std::int32_t status =
          must_stop(batch) ? EPP_SAMPLE_CANCELLED : one(potential, r, batch.want, energy, gradient);
      if (status != EPP_SAMPLE_OK) {
        energy = NAN;
        std::fill(gradient.begin(), gradient.end(), 0.0);
      }
      if (batch.want & EPP_WANT_ENERGY) batch.energies[i] = energy;
      if (batch.want & EPP_WANT_GRADIENT)
        std::copy(gradient.begin(), gradient.end(),
                  static_cast<double*>(batch.gradients) + i * batch.gradient_stride);
      batch.statuses[i] = status;
    }
  });
}

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
  return id && std::strcmp(id, EPP_EXT_TOPOLOGY) == 0 ? &topology_table : nullptr;
}

void destroy(void* self) noexcept { delete static_cast<Instance*>(self); }

std::int32_t init(const epp_host* host, epp_error* error) noexcept {
  return host ? EPP_OK : fail(error, EPP_E_INVALID_ARGUMENT, "init: no host");
}
void deinit() noexcept {}
std::uint32_t count() noexcept { return 1; }
const epp_descriptor* descriptor(std::uint32_t index) noexcept { return index == 0 ? &description : nullptr; }

// Whether a configuration is `{}`, the only one there is.
bool is_empty_object(std::string config) {
  config.erase(std::remove_if(config.begin(), config.end(),
                              [](char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }),
               config.end());
  return config == "{}";
}

std::int32_t create(const char* id, const char* config, const epp_topology*, epp_potential** out,
                    epp_error* error) noexcept {
  return guard(error, [=] {
    if (!id || !out) throw Failure(EPP_E_INVALID_ARGUMENT, "create: id or out is null");
    if (std::strcmp(id, description.id) != 0)
      throw Failure(EPP_E_UNKNOWN_ID, "create: this library has: template-cpp");
    if (config && !is_empty_object(config))
      throw Failure(EPP_E_BAD_CONFIG, "create: template-cpp has nothing to configure; expected {}");
    auto me = std::make_unique<Instance>();
    me->start = me->potential.start();
    me->masses.assign(Potential::atoms, Potential::mass);
    me->numbers.assign(Potential::atoms, Potential::atomic_number);
    me->table = {sizeof(epp_potential), me.get(), info, evaluate, extension, destroy};
    *out = &me.release()->table;
  });
}

}  // namespace

extern "C" {
const epp_entry epp_plugin_entry = {
    sizeof(epp_entry), EPP_MAGIC, EPP_ABI_MAJOR, EPP_ABI_MINOR, 0, init, deinit, count, descriptor, create, nullptr};
}
