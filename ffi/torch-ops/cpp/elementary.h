// Exponential and logarithm that the compiler can vectorise. In f32 within 2 units in the last place on the ranges a
// spline needs; in f64 those of the C library.
#pragma once

#include <cmath>
#include <cstdint>
#include <cstring>

#define FREELAND_INLINE inline __attribute__((always_inline))

namespace freeland {

FREELAND_INLINE float from_bits(std::uint32_t bits) {
  float value;
  std::memcpy(&value, &bits, sizeof value);
  return value;
}

FREELAND_INLINE std::uint32_t to_bits(float value) {
  std::uint32_t bits;
  std::memcpy(&bits, &value, sizeof bits);
  return bits;
}

// exp(x) for x <= 88; below -87 it stays at exp(-87). Range reduction by ln 2 in two parts, Cephes' polynomial.
FREELAND_INLINE float exponential(float x) {
  x = x < -87.0f ? -87.0f : x;
  x = x > 88.0f ? 88.0f : x;
  // Adding 1.5 * 2^23 rounds to the nearest whole number.
  const float magic = 12582912.0f;
  const float shifted = x * 1.44269504088896341f + magic;
  const float n = shifted - magic;
  const float r = (x - n * 0.693359375f) + n * 2.12194440e-4f;
  float p = 1.9875691500e-4f;
  p = p * r + 1.3981999507e-3f;
  p = p * r + 8.3334519073e-3f;
  p = p * r + 4.1665795894e-2f;
  p = p * r + 1.6666665459e-1f;
  p = p * r + 5.0000001201e-1f;
  p = (p * r) * r + r + 1.0f;
  const std::int32_t whole = static_cast<std::int32_t>(to_bits(shifted)) - 0x4B400000;
  return p * from_bits(static_cast<std::uint32_t>(whole + 127) << 23);
}

// ln(x) for normal positive x. Cephes' polynomial on [sqrt(1/2), sqrt(2)].
FREELAND_INLINE float logarithm(float x) {
  // Splits off the exponent so that the rest lies in [sqrt(1/2), sqrt(2)).
  const std::int32_t bits = static_cast<std::int32_t>(to_bits(x)) - 0x3F3504F3;
  const float n = static_cast<float>(bits >> 23);
  const float f = from_bits(static_cast<std::uint32_t>((bits & 0x007FFFFF) + 0x3F3504F3)) - 1.0f;
  float p = 7.0376836292e-2f;
  p = p * f - 1.1514610310e-1f;
  p = p * f + 1.1676998740e-1f;
  p = p * f - 1.2420140846e-1f;
  p = p * f + 1.4249322787e-1f;
  p = p * f - 1.6668057665e-1f;
  p = p * f + 2.0000714765e-1f;
  p = p * f - 2.4999993993e-1f;
  p = p * f + 3.3333331174e-1f;
  const float square = f * f;
  float y = (p * f) * square;
  y = y + n * -2.12194440e-4f;
  y = y - 0.5f * square;
  return (f + y) + n * 0.693359375f;
}

FREELAND_INLINE double exponential(double x) { return std::exp(x); }
FREELAND_INLINE double logarithm(double x) { return std::log(x); }

// ln(1 + x) for 0 <= x <= 1: the second term is what rounding 1 + x lost.
template <typename T>
FREELAND_INLINE T logarithm_of_one_plus(T x) {
  const T sum = T(1) + x;
  return logarithm(sum) + (x - (sum - T(1))) / sum;
}

// ln(1 + exp(x)) and its derivative, for any x.
template <typename T>
FREELAND_INLINE T softplus(T x) {
  const T magnitude = x < T(0) ? -x : x;
  return (x > T(0) ? x : T(0)) + logarithm_of_one_plus(exponential(-magnitude));
}

template <typename T>
FREELAND_INLINE T sigmoid(T x) {
  return T(1) / (T(1) + exponential(-x));
}

} // namespace freeland
