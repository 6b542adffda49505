#pragma once

#include <costate/core/sensitivity_tags.hpp>
#include <costate/core/solve_options.hpp>
#include <costate/core/time_span.hpp>
#include <costate/neural/detail/net_equation.hpp>
#include <costate/problems/ode_problem.hpp>
#include <costate/solve/solve.hpp>

#include <cstddef>
#include <utility>
#include <vector>

namespace costate {

/// The layer that solves u' = net(u; p) from u(t₀) = x: `node(x, p)` is the Solution, saved as the options
/// say.
///
///     const NeuralODE node(net, {0.0, 1.5}, Tsit5{}, {.saveat = t});
///
/// A Matrix x of [features × samples] is solved with one step size for all columns, and gives a
/// MatrixSolution.
///
/// R. Chen, Y. Rubanova, J. Bettencourt & D. Duvenaud, arXiv:1806.07366. Autonomous: t is not given to the
/// network.
template <class Net, class Method, class Sensitivity = DiscreteAdjoint>
class NeuralODE {
 public:
  NeuralODE(Net net, TimeSpan<double> tspan, Method method, SolveOptions options = {},
            Sensitivity sensitivity = {})
      : net_(std::move(net)),
        tspan_(tspan),
        method_(std::move(method)),
        options_(std::move(options)),
        sensitivity_(sensitivity) {}

  std::size_t parameter_count() const { return net_.parameter_count(); }
  const Net& net() const { return net_; }
  template <class T = double>
  auto initial_parameters(std::uint64_t seed) const {
    return net_.template initial_parameters<T>(seed);
  }

  template <class X, class P>
  [[gnu::always_inline]] auto operator()(const X& x, const P& p) const {
    const auto state = detail::own(x);
    const auto& parameters = detail::as_vector_like(p);
    if constexpr (MatrixLike<decltype(state)>)
      return detail::solve_batch(net_, state, parameters, tspan_, method_, options_, sensitivity_);
    else
      return detail::solve_sample(net_, state, parameters, tspan_, method_, options_, sensitivity_);
  }
  template <class T, std::size_t N, class P>
  [[gnu::always_inline]] auto operator()(const T (&x)[N], const P& p) const {
    return (*this)(detail::own(x), p);
  }
  /// Every column of x by itself, with step sizes of its own: one Solution a column.
  template <MatrixLike X, class P>
  [[gnu::always_inline]] auto each(const X& x, const P& p) const {
    using S = common_scalar_t<scalar_of<X>>;
    const auto one = [&](std::size_t j) { return (*this)(Vector<S>(x.column(j)), p); };
    std::vector<decltype(one(0))> solutions;
    solutions.reserve(x.cols());
    for (std::size_t j = 0; j < x.cols(); ++j) solutions.push_back(one(j));
    return solutions;
  }

 private:
  Net net_;
  TimeSpan<double> tspan_;
  Method method_;
  SolveOptions options_;
  Sensitivity sensitivity_;
};
template <class Net, class Method>
NeuralODE(Net, TimeSpan<double>, Method) -> NeuralODE<Net, Method>;
template <class Net, class Method>
NeuralODE(Net, TimeSpan<double>, Method, SolveOptions) -> NeuralODE<Net, Method>;
template <class Net, class Method, class Sensitivity>
NeuralODE(Net, TimeSpan<double>, Method, SolveOptions, Sensitivity) -> NeuralODE<Net, Method, Sensitivity>;

}  // namespace costate
