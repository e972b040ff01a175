// What Rust calls. Every function throws c10::Error on a shape or kind it cannot use; tensors are not owned.
#pragma once

#include <cstdint>

namespace at {
class Tensor;
}

namespace freeland {

// The spline of every element of x [n, d], with parameters raw [n, d, p]; written to y [n, d] and ladj [n]. kernel.h
// says what the numbers mean.
void spline(const at::Tensor &x, const at::Tensor &raw, std::int64_t bins, double half_width, bool circular,
            bool inverse, double smallest_bin, double smallest_slope, at::Tensor &y, at::Tensor &ladj);

} // namespace freeland
