// The fused rational-quadratic spline as a node of the graph: rows in parallel, gradients by recomputing the bin.

#include <ATen/ATen.h>
#include <ATen/Parallel.h>
#include <torch/csrc/autograd/custom_function.h>

#include "kernel.h"
#include "ops.h"

namespace freeland {
namespace {

using torch::autograd::AutogradContext;
using torch::autograd::Variable;
using torch::autograd::variable_list;

// Elements below which a second thread costs more than it brings.
constexpr int64_t GRAIN = 1024;

template <typename T>
SplineArrays<T> arrays(const at::Tensor &x, const at::Tensor &raw) {
  return {x.size(1), x.const_data_ptr<T>(), raw.const_data_ptr<T>(), raw.stride(0), raw.stride(1)};
}

int64_t grain(const at::Tensor &x) { return std::max<int64_t>(1, GRAIN / std::max<int64_t>(1, x.size(1))); }

struct Spline : torch::autograd::Function<Spline> {
  static variable_list forward(AutogradContext *context, const Variable &x_given, const Variable &raw_given,
                               int64_t bins, double half_width, bool circular, bool inverse, double smallest_bin,
                               double smallest_slope) {
    const SplineShape shape{bins, half_width, circular, inverse, smallest_bin, smallest_slope};
    const at::Tensor x = x_given.contiguous();
    const at::Tensor raw = raw_given.stride(2) == 1 ? raw_given : raw_given.contiguous();
    at::Tensor y = at::empty_like(x), ladj = at::empty({x.size(0)}, x.options());
    AT_DISPATCH_FLOATING_TYPES(x.scalar_type(), "spline", [&] {
      const auto in = arrays<scalar_t>(x, raw);
      scalar_t *y_data = y.mutable_data_ptr<scalar_t>(), *ladj_data = ladj.mutable_data_ptr<scalar_t>();
      at::parallel_for(0, x.size(0), grain(x), [&](int64_t begin, int64_t end) {
        spline_rows(shape, in, begin, end, y_data, ladj_data);
      });
    });
    context->save_for_backward({x, raw});
    context->saved_data["bins"] = bins;
    context->saved_data["half_width"] = half_width;
    context->saved_data["circular"] = circular;
    context->saved_data["inverse"] = inverse;
    context->saved_data["smallest_bin"] = smallest_bin;
    context->saved_data["smallest_slope"] = smallest_slope;
    return {y, ladj};
  }

  static variable_list backward(AutogradContext *context, const variable_list &grad) {
    TORCH_CHECK(!at::GradMode::is_enabled(), "spline: second derivatives are not implemented");
    const variable_list saved = context->get_saved_variables();
    const at::Tensor x = saved[0], raw = saved[1];
    auto &data = context->saved_data;
    const SplineShape shape{data["bins"].toInt(),     data["half_width"].toDouble(),   data["circular"].toBool(),
                            data["inverse"].toBool(), data["smallest_bin"].toDouble(), data["smallest_slope"].toDouble()};
    const at::Tensor grad_y = grad[0].contiguous(), grad_ladj = grad[1].contiguous();
    at::Tensor grad_x = at::empty_like(x);
    at::Tensor grad_raw = at::empty({x.size(0), x.size(1), spline_parameters(shape)}, x.options());
    AT_DISPATCH_FLOATING_TYPES(x.scalar_type(), "spline_gradient", [&] {
      const auto in = arrays<scalar_t>(x, raw);
      const scalar_t *y_data = grad_y.const_data_ptr<scalar_t>(), *ladj_data = grad_ladj.const_data_ptr<scalar_t>();
      scalar_t *x_data = grad_x.mutable_data_ptr<scalar_t>(), *raw_data = grad_raw.mutable_data_ptr<scalar_t>();
      at::parallel_for(0, x.size(0), grain(x), [&](int64_t begin, int64_t end) {
        spline_gradient_rows(shape, in, begin, end, y_data, ladj_data, x_data, raw_data);
      });
    });
    return {grad_x, grad_raw, Variable(), Variable(), Variable(), Variable(), Variable(), Variable()};
  }
};

} // namespace

void spline(const at::Tensor &x, const at::Tensor &raw, std::int64_t bins, double half_width, bool circular,
            bool inverse, double smallest_bin, double smallest_slope, at::Tensor &y, at::Tensor &ladj) {
  const SplineShape shape{bins, half_width, circular, inverse, smallest_bin, smallest_slope};
  TORCH_CHECK(shape.bins >= 2 && shape.bins <= 64, "spline: expected 2 to 64 bins, got ", shape.bins);
  TORCH_CHECK(x.device().is_cpu() && raw.device().is_cpu(), "spline: runs on the CPU, got ", x.device(), " and ",
              raw.device());
  TORCH_CHECK((x.scalar_type() == at::kFloat || x.scalar_type() == at::kDouble) && raw.scalar_type() == x.scalar_type(),
              "spline: x and raw are both f32 or both f64, got ", x.scalar_type(), " and ", raw.scalar_type());
  TORCH_CHECK(x.dim() == 2, "spline: x is [n, d], got ", x.sizes());
  const std::vector<int64_t> expected{x.size(0), x.size(1), spline_parameters(shape)};
  TORCH_CHECK(raw.sizes() == at::IntArrayRef(expected), "spline: raw is ", at::IntArrayRef(expected), ", got ",
              raw.sizes());
  const variable_list out =
      Spline::apply(x, raw, bins, half_width, circular, inverse, smallest_bin, smallest_slope);
  y = out[0];
  ladj = out[1];
}

} // namespace freeland
