// The loops of the fused spline. Elements are worked on in blocks of LANES, one array per quantity, so that every loop
// over lanes vectorises; unfinished blocks repeat their last element, so that an element's bits do not depend on its place.

#include "kernel.h"

#include "elementary.h"

// One copy of each loop per generation of vector units, chosen when the library is loaded.
#if defined(__x86_64__) && defined(__linux__) && !defined(__clang__) && __GNUC__ >= 12
#define FREELAND_CLONES __attribute__((target_clones("arch=x86-64-v4", "arch=x86-64-v3", "default")))
#else
#define FREELAND_CLONES
#endif

namespace freeland {
namespace {

constexpr int LANES = 64;
constexpr int MOST_BINS = 64;

// A block of elements.
template <typename T>
struct Block {
  // First parameter of each element.
  const T *raw[LANES];
  T x[LANES];
  // 1 inside the interval, 0 in the tails.
  T inside[LANES];
  // Softmax of the raw widths and heights.
  T width[MOST_BINS][LANES];
  T height[MOST_BINS][LANES];
  std::int32_t index[LANES];
  // The bin: left end, width, bottom, height, raw derivatives with the offset added, derivatives.
  T x0[LANES], w[LANES], y0[LANES], h[LANES];
  T raw_left[LANES], raw_right[LANES];
  T left[LANES], right[LANES];
  // The fraction of the bin, and what is found there.
  T t[LANES], y[LANES], ladj[LANES];
};

template <typename T>
FREELAND_INLINE void softmax(const T *const *raw, std::int64_t offset, int bins, T (*part)[LANES]) {
  T most[LANES];
  for (int lane = 0; lane < LANES; ++lane) {
    for (int bin = 0; bin < bins; ++bin) part[bin][lane] = raw[lane][offset + bin];
  }
  for (int lane = 0; lane < LANES; ++lane) most[lane] = part[0][lane];
  for (int bin = 1; bin < bins; ++bin) {
    for (int lane = 0; lane < LANES; ++lane) most[lane] = most[lane] > part[bin][lane] ? most[lane] : part[bin][lane];
  }
  T sum[LANES] = {};
  for (int bin = 0; bin < bins; ++bin) {
    for (int lane = 0; lane < LANES; ++lane) {
      part[bin][lane] = exponential(part[bin][lane] - most[lane]);
      sum[lane] += part[bin][lane];
    }
  }
  for (int lane = 0; lane < LANES; ++lane) sum[lane] = T(1) / sum[lane];
  for (int bin = 0; bin < bins; ++bin) {
    for (int lane = 0; lane < LANES; ++lane) part[bin][lane] *= sum[lane];
  }
}

// Finds the bin of each value along one axis: its index, start and length.
template <typename T>
FREELAND_INLINE void search(const T (*part)[LANES], const T *value, int bins, T floor, T scale, T half_width,
                            std::int32_t *index, T *start, T *length) {
  T edge[LANES];
  for (int lane = 0; lane < LANES; ++lane) {
    index[lane] = 0;
    start[lane] = -half_width;
    length[lane] = floor + scale * part[0][lane];
    edge[lane] = -half_width + length[lane];
  }
  for (int bin = 1; bin < bins; ++bin) {
    for (int lane = 0; lane < LANES; ++lane) {
      const T next = floor + scale * part[bin][lane];
      const bool above = value[lane] >= edge[lane];
      index[lane] = above ? bin : index[lane];
      start[lane] = above ? edge[lane] : start[lane];
      length[lane] = above ? next : length[lane];
      edge[lane] += next;
    }
  }
}

// Start and length of a known bin along the other axis.
template <typename T>
FREELAND_INLINE void look_up(const T (*part)[LANES], const std::int32_t *index, int bins, T floor, T scale,
                             T half_width, T *start, T *length) {
  for (int lane = 0; lane < LANES; ++lane) {
    start[lane] = -half_width;
    length[lane] = 0;
  }
  for (int bin = 0; bin < bins; ++bin) {
    for (int lane = 0; lane < LANES; ++lane) {
      const T next = floor + scale * part[bin][lane];
      start[lane] += bin < index[lane] ? next : T(0);
      length[lane] = bin == index[lane] ? next : length[lane];
    }
  }
}

// Fills a block with elements first <= element < last, and evaluates the spline there.
template <bool INVERSE, typename T>
FREELAND_INLINE void evaluate(const SplineShape &shape, const SplineArrays<T> &arrays, std::int64_t first,
                              std::int64_t last, Block<T> &b) {
  const int bins = static_cast<int>(shape.bins);
  const T half_width = static_cast<T>(shape.half_width);
  const T floor = static_cast<T>(2 * shape.half_width * shape.smallest_bin);
  const T scale = static_cast<T>(2 * shape.half_width * (1 - shape.smallest_bin * static_cast<double>(bins)));
  const T smallest = static_cast<T>(shape.smallest_slope);
  // softplus(offset) + smallest_slope = 1: raw zeros are the identity.
  const T offset = static_cast<T>(std::log(std::expm1(1 - shape.smallest_slope)));

  std::int64_t row = first / arrays.columns, column = first % arrays.columns;
  for (int lane = 0; lane < LANES; ++lane) {
    b.raw[lane] = arrays.raw + row * arrays.row_stride + column * arrays.column_stride;
    const T x = arrays.x[row * arrays.columns + column];
    b.x[lane] = x < -half_width ? -half_width : (x > half_width ? half_width : x);
    b.inside[lane] = shape.circular || (x >= -half_width && x <= half_width) ? T(1) : T(0);
    if (first + lane + 1 < last && ++column == arrays.columns) {
      column = 0;
      ++row;
    }
  }
  softmax(b.raw, 0, bins, b.width);
  softmax(b.raw, bins, bins, b.height);
  if (INVERSE) {
    search(b.height, b.x, bins, floor, scale, half_width, b.index, b.y0, b.h);
    look_up(b.width, b.index, bins, floor, scale, half_width, b.x0, b.w);
  } else {
    search(b.width, b.x, bins, floor, scale, half_width, b.index, b.x0, b.w);
    look_up(b.height, b.index, bins, floor, scale, half_width, b.y0, b.h);
  }
  for (int lane = 0; lane < LANES; ++lane) {
    const T *slopes = b.raw[lane] + 2 * bins;
    const int index = b.index[lane];
    if (shape.circular) {
      b.raw_left[lane] = slopes[index] + offset;
      b.raw_right[lane] = slopes[index + 1 == bins ? 0 : index + 1] + offset;
    } else {
      b.raw_left[lane] = (index == 0 ? T(0) : slopes[index - 1]) + offset;
      b.raw_right[lane] = (index + 1 == bins ? T(0) : slopes[index]) + offset;
    }
  }
  for (int lane = 0; lane < LANES; ++lane) {
    b.left[lane] = softplus(b.raw_left[lane]) + smallest;
    b.right[lane] = softplus(b.raw_right[lane]) + smallest;
  }
  for (int lane = 0; lane < LANES; ++lane) {
    const T h = b.h[lane], left = b.left[lane], right = b.right[lane];
    const T mean = h / b.w[lane];
    const T bend = left + right - 2 * mean;
    T t;
    if (INVERSE) {
      const T rise = b.x[lane] - b.y0[lane];
      const T a2 = h * (mean - left) + rise * bend;
      const T a1 = h * left - rise * bend;
      const T a0 = -mean * rise;
      const T discriminant = a1 * a1 - 4 * a2 * a0;
      t = 2 * a0 / (-a1 - std::sqrt(discriminant > T(0) ? discriminant : T(0)));
    } else {
      t = (b.x[lane] - b.x0[lane]) / b.w[lane];
    }
    const T rest = 1 - t, between = t * rest;
    const T below = mean + bend * between;
    const T above = mean * t * t + left * between;
    const T slope = right * t * t + 2 * mean * between + left * rest * rest;
    const T ratio = mean / below;
    b.t[lane] = t;
    b.y[lane] = INVERSE ? b.x0[lane] + t * b.w[lane] : b.y0[lane] + h * above / below;
    const T ladj = logarithm(slope * ratio * ratio) * b.inside[lane];
    b.ladj[lane] = INVERSE ? -ladj : ladj;
  }
}

template <bool INVERSE, typename T>
FREELAND_INLINE void rows(const SplineShape &shape, const SplineArrays<T> &arrays, std::int64_t begin,
                          std::int64_t end, T *y, T *ladj) {
  Block<T> b;
  for (std::int64_t row = begin; row < end; ++row) ladj[row] = 0;
  const std::int64_t last = end * arrays.columns;
  for (std::int64_t first = begin * arrays.columns; first < last; first += LANES) {
    evaluate<INVERSE>(shape, arrays, first, last, b);
    const std::int64_t count = last - first < LANES ? last - first : LANES;
    for (std::int64_t lane = 0; lane < count; ++lane) {
      const std::int64_t element = first + lane;
      y[element] = b.inside[lane] != T(0) ? b.y[lane] : arrays.x[element];
      ladj[element / arrays.columns] += b.ladj[lane];
    }
  }
}

// Chain rule through floor + scale * softmax(raw) and the sums that place the edges: start of bin k is the sum of the
// lengths before it.
template <typename T>
FREELAND_INLINE void softmax_gradient(const T (*part)[LANES], const std::int32_t *index, int bins, T scale,
                                      const T *grad_start, const T *grad_length, T (*grad)[LANES]) {
  T mean[LANES] = {};
  for (int bin = 0; bin < bins; ++bin) {
    for (int lane = 0; lane < LANES; ++lane) {
      T g = bin < index[lane] ? grad_start[lane] : T(0);
      g = bin == index[lane] ? grad_length[lane] : g;
      grad[bin][lane] = g;
      mean[lane] += g * part[bin][lane];
    }
  }
  for (int bin = 0; bin < bins; ++bin) {
    for (int lane = 0; lane < LANES; ++lane) {
      grad[bin][lane] = scale * part[bin][lane] * (grad[bin][lane] - mean[lane]);
    }
  }
}

template <bool INVERSE, typename T>
FREELAND_INLINE void gradient_rows(const SplineShape &shape, const SplineArrays<T> &arrays, std::int64_t begin,
                                   std::int64_t end, const T *grad_y, const T *grad_ladj, T *grad_x, T *grad_raw) {
  const int bins = static_cast<int>(shape.bins);
  const std::int64_t parameters = spline_parameters(shape);
  const T scale = static_cast<T>(2 * shape.half_width * (1 - shape.smallest_bin * static_cast<double>(bins)));
  Block<T> b;
  T grad_width[MOST_BINS][LANES], grad_height[MOST_BINS][LANES];
  T out[LANES], gy[LANES], gl[LANES];
  T g_x0[LANES], g_w[LANES], g_y0[LANES], g_h[LANES], g_left[LANES], g_right[LANES];
  const std::int64_t last = end * arrays.columns;
  for (std::int64_t first = begin * arrays.columns; first < last; first += LANES) {
    evaluate<INVERSE>(shape, arrays, first, last, b);
    const int count = static_cast<int>(last - first < LANES ? last - first : LANES);
    for (int lane = 0; lane < LANES; ++lane) {
      const std::int64_t element = first + (lane < count ? lane : count - 1);
      out[lane] = grad_y[element];
      gl[lane] = grad_ladj[element / arrays.columns];
    }
    for (int lane = 0; lane < LANES; ++lane) {
      const T t = b.t[lane], w = b.w[lane], h = b.h[lane], left = b.left[lane], right = b.right[lane];
      const T s = h / w, rest = 1 - t, u = t * rest, turn = 1 - 2 * t, bend = left + right - 2 * s;
      // y = y0 + h n / q and ladj = 2 ln s + ln p - 2 ln q, with derivatives in t, s, left and right.
      const T q = s + bend * u, n = s * t * t + left * u;
      const T p = right * t * t + 2 * s * u + left * rest * rest;
      const T iq = 1 / q, ip = 1 / p, iw = 1 / w;
      const T hq = h * iq * iq;
      const T y_t = hq * s * p;
      const T y_s = hq * (t * t * q - n * (1 - 2 * u));
      const T l_t = 2 * (right * t + s * turn - left * rest) * ip - 2 * bend * turn * iq;
      const T l_s = 2 / s + 2 * u * ip - 2 * (1 - 2 * u) * iq;
      T g_y = out[lane], g_l = gl[lane];
      if (INVERSE) {
        // x(y) solves y(x) = y, so dx = (dy - y_parameter dparameter) / y_x, and its ladj is minus that of y(x) at x.
        g_y = -(g_y - g_l * l_t * iw) * w / y_t;
        g_l = -g_l;
      }
      const T g_t = g_y * y_t + g_l * l_t, g_s = g_y * y_s + g_l * l_s;
      const T m = b.inside[lane];
      gy[lane] = m != T(0) ? (INVERSE ? -g_y : g_t * iw) : out[lane];
      g_x0[lane] = -m * g_t * iw;
      g_w[lane] = -m * (g_t * t + g_s * s) * iw;
      g_y0[lane] = m * g_y;
      g_h[lane] = m * (g_y * n * iq + g_s * iw);
      g_left[lane] = m * (g_y * hq * u * (q - n) + g_l * (rest * rest * ip - 2 * u * iq)) * sigmoid(b.raw_left[lane]);
      g_right[lane] = m * (-g_y * hq * u * n + g_l * (t * t * ip - 2 * u * iq)) * sigmoid(b.raw_right[lane]);
    }
    softmax_gradient(b.width, b.index, bins, scale, g_x0, g_w, grad_width);
    softmax_gradient(b.height, b.index, bins, scale, g_y0, g_h, grad_height);
    for (int lane = 0; lane < count; ++lane) {
      grad_x[first + lane] = gy[lane];
      T *g = grad_raw + (first + lane) * parameters;
      for (int bin = 0; bin < bins; ++bin) g[bin] = grad_width[bin][lane];
      for (int bin = 0; bin < bins; ++bin) g[bins + bin] = grad_height[bin][lane];
      T *slopes = g + 2 * bins;
      const int index = b.index[lane];
      for (int knot = 0; knot < parameters - 2 * bins; ++knot) slopes[knot] = 0;
      if (shape.circular) {
        slopes[index] += g_left[lane];
        slopes[index + 1 == bins ? 0 : index + 1] += g_right[lane];
      } else {
        if (index > 0) slopes[index - 1] += g_left[lane];
        if (index + 1 < bins) slopes[index] += g_right[lane];
      }
    }
  }
}

} // namespace

FREELAND_CLONES
void spline_rows(const SplineShape &shape, const SplineArrays<float> &arrays, std::int64_t begin, std::int64_t end,
                 float *y, float *ladj) {
  if (shape.inverse) {
    rows<true>(shape, arrays, begin, end, y, ladj);
  } else {
    rows<false>(shape, arrays, begin, end, y, ladj);
  }
}

FREELAND_CLONES
void spline_rows(const SplineShape &shape, const SplineArrays<double> &arrays, std::int64_t begin, std::int64_t end,
                 double *y, double *ladj) {
  if (shape.inverse) {
    rows<true>(shape, arrays, begin, end, y, ladj);
  } else {
    rows<false>(shape, arrays, begin, end, y, ladj);
  }
}

FREELAND_CLONES
void spline_gradient_rows(const SplineShape &shape, const SplineArrays<float> &arrays, std::int64_t begin,
                          std::int64_t end, const float *grad_y, const float *grad_ladj, float *grad_x,
                          float *grad_raw) {
  if (shape.inverse) {
    gradient_rows<true>(shape, arrays, begin, end, grad_y, grad_ladj, grad_x, grad_raw);
  } else {
    gradient_rows<false>(shape, arrays, begin, end, grad_y, grad_ladj, grad_x, grad_raw);
  }
}

FREELAND_CLONES
void spline_gradient_rows(const SplineShape &shape, const SplineArrays<double> &arrays, std::int64_t begin,
                          std::int64_t end, const double *grad_y, const double *grad_ladj, double *grad_x,
                          double *grad_raw) {
  if (shape.inverse) {
    gradient_rows<true>(shape, arrays, begin, end, grad_y, grad_ladj, grad_x, grad_raw);
  } else {
    gradient_rows<false>(shape, arrays, begin, end, grad_y, grad_ladj, grad_x, grad_raw);
  }
}

} // namespace freeland
