// An energy computed outside libtorch, as a node of the graph.

#include <ATen/ATen.h>
#include <torch/csrc/autograd/custom_function.h>

#include "ops.h"

namespace freeland {
namespace {

using torch::autograd::AutogradContext;
using torch::autograd::Variable;
using torch::autograd::variable_list;

struct ForeignEnergy : torch::autograd::Function<ForeignEnergy> {
  static Variable forward(AutogradContext *context, const Variable &x, const at::Tensor &energies,
                          const at::Tensor &gradient) {
    TORCH_CHECK(x.dim() >= 1 && energies.dim() == 1 && energies.size(0) == x.size(0), "foreign_energy: x ", x.sizes(),
                " needs energies [", x.dim() > 0 ? x.size(0) : 0, "], got ", energies.sizes());
    TORCH_CHECK(gradient.sizes() == x.sizes(), "foreign_energy: the gradient has the shape of x, ", x.sizes(), ", got ",
                gradient.sizes());
    context->save_for_backward({gradient.detach().to(x.options())});
    // A node's output must not be one of its inputs.
    return energies.detach().clone();
  }

  static variable_list backward(AutogradContext *context, const variable_list &grad) {
    TORCH_CHECK(!at::GradMode::is_enabled(), "foreign_energy: second derivatives are not known");
    const at::Tensor gradient = context->get_saved_variables()[0];
    std::vector<int64_t> column(static_cast<size_t>(gradient.dim()), 1);
    column[0] = gradient.size(0);
    return {grad[0].to(gradient.options()).reshape(column) * gradient, Variable(), Variable()};
  }
};

} // namespace

void foreign_energy(const at::Tensor &x, const at::Tensor &energies, const at::Tensor &gradient, at::Tensor &out) {
  out = ForeignEnergy::apply(x, energies, gradient);
}

} // namespace freeland
