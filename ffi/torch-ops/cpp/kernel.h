// Rational-quadratic splines over plain arrays: no libtorch in here, so that the loops compile quickly and vectorise.
#pragma once

#include <cstdint>

namespace freeland {

// What a spline is, apart from its parameters.
struct SplineShape {
  std::int64_t bins;
  // Half width of the interval, which lies around 0.
  double half_width;
  // true: equal derivatives at both ends, no tails; false: slope 1 at the ends and the identity outside.
  bool circular;
  // true: maps y to x.
  bool inverse;
  double smallest_bin;
  double smallest_slope;
};

// Where the numbers are: x, y [rows][columns], contiguous; raw [rows][columns][parameters] with strides in elements.
template <typename T>
struct SplineArrays {
  std::int64_t columns;
  const T *x;
  const T *raw;
  std::int64_t row_stride;
  std::int64_t column_stride;
};

// Number of parameters per element.
inline std::int64_t spline_parameters(const SplineShape &shape) {
  return 3 * shape.bins - (shape.circular ? 0 : 1);
}

// y [rows][columns] and the sum of log-derivatives over each row, ladj [rows], for rows begin <= row < end.
void spline_rows(const SplineShape &, const SplineArrays<float> &, std::int64_t begin, std::int64_t end, float *y,
                 float *ladj);
void spline_rows(const SplineShape &, const SplineArrays<double> &, std::int64_t begin, std::int64_t end, double *y,
                 double *ladj);

// Gradients of a loss in x and raw, given those in y [rows][columns] and ladj [rows]; grad_raw is contiguous.
void spline_gradient_rows(const SplineShape &, const SplineArrays<float> &, std::int64_t begin, std::int64_t end,
                          const float *grad_y, const float *grad_ladj, float *grad_x, float *grad_raw);
void spline_gradient_rows(const SplineShape &, const SplineArrays<double> &, std::int64_t begin, std::int64_t end,
                          const double *grad_y, const double *grad_ladj, double *grad_x, double *grad_raw);

} // namespace freeland
