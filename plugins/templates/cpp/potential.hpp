// Lennard-Jones atoms, with numbers close to argon's: U = sum over pairs of 4 epsilon ((sigma/d)^12 - (sigma/d)^6).
//
// Put your physics here. What must also be true then: the symmetries, the units and the name in plugin.cpp. Overlapping
// atoms give an infinite energy, which plugin.cpp reports as the status of that configuration; anything may throw.
#pragma once

#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <vector>

struct Results;

struct Potential {
  static constexpr std::size_t atoms = 13;
  static constexpr std::uint32_t atomic_number = 18;
  static constexpr double mass = 39.948;    // Da
  static constexpr double epsilon = 0.996;  // kJ/mol
  static constexpr double sigma = 0.3405;   // nm

  // Everything about the positions r, [atoms][3] nm, from one computation. `results` come as zeros. Called from many
  // threads at once, so it is const.
  inline void operator()(const double* r, Results& results) const;

  // A configuration to start from, [atoms][3] nm: a simple cubic lattice.
  std::vector<double> start() const {
    constexpr double spacing = 0.38;
    std::size_t side = 1;
    while (side * side * side < atoms) side++;
    std::vector<double> r;
    for (std::size_t i = 0; i < atoms; i++)
      for (const std::size_t place : {i % side, i / side % side, i / side / side})
        r.push_back(spacing * static_cast<double>(place));
    return r;
  }
};

// What is known of one configuration.
struct Results {
  double energy = 0.0;                                  // kJ/mol
  std::array<double, 3 * Potential::atoms> gradient{};  // [atoms][3], +dU/dr, kJ/mol/nm
  std::array<double, 9> virial{};                       // [3][3], the sum over pairs of d[k] dU/dd[l], kJ/mol
};

void Potential::operator()(const double* r, Results& results) const {
  for (std::size_t i = 0; i < atoms; i++) {
    for (std::size_t j = 0; j < i; j++) {
      double d[3], square = 0.0;
      for (std::size_t k = 0; k < 3; k++) {
        d[k] = r[3 * i + k] - r[3 * j + k];
        square += d[k] * d[k];
      }
      const double inverse = sigma * sigma / square, s6 = inverse * inverse * inverse;
      results.energy += 4.0 * epsilon * s6 * (s6 - 1.0);
      const double slope = 24.0 * epsilon * s6 * (1.0 - 2.0 * s6) / square;  // dU/dd, divided by d
      for (std::size_t k = 0; k < 3; k++) {
        results.gradient[3 * i + k] += slope * d[k];
        results.gradient[3 * j + k] -= slope * d[k];
        for (std::size_t l = 0; l < 3; l++) results.virial[3 * k + l] += d[k] * slope * d[l];
      }
    }
  }
}
