#pragma once

#include <costate/core/memory_pool.hpp>
#include <costate/core/sensitivity_tags.hpp>
#include <costate/core/solve_options.hpp>
#include <costate/core/time_span.hpp>
#include <costate/neural/detail/batch_equation.hpp>
#include <costate/nn/layer.hpp>
#include <costate/problems/ode_problem.hpp>
#include <costate/solve/solve.hpp>

#include <cstddef>
#include <utility>
#include <vector>

namespace costate {

namespace detail {

/// The vjp of u' = net(u; p) by the layer's own pullback, without a tape.
template <class Net>
struct LayerVjp {
  Net net;

  template <class UBar, class PBar, class Lambda, class U, class P, class Time>
  void operator()(UBar& ubar, PBar& pbar, const Lambda& lambda, const U& u, const P& p, const Time&) const {
    using T = scalar_of<U>;
    const std::size_t kept = slope_count(net, u.size());
    Buffer<T> memory(u.size() + kept);
    T* y = memory.data();
    T* slopes = kept > 0 ? y + u.size() : nullptr;
    const Array<T, P> parameters(p);
    net.forward(u.data(), u.size(), parameters.data(), y, slopes);
    net.pullback(u.data(), u.size(), static_cast<const T*>(slopes), lambda.data(), parameters.data(),
                 ubar.data(), pbar.data());
  }
};

}  // namespace detail

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
  auto operator()(const X& x, const P& p) const {
    if constexpr (MatrixLike<X>) {
      return detail::solve_batch(net_, detail::own(x), detail::own(p), tspan_, method_, options_,
                                 sensitivity_);
    } else {
      return solve_one(x, p);
    }
  }
  template <class T, std::size_t N, class P>
  auto operator()(const T (&x)[N], const P& p) const {
    return (*this)(detail::own(x), p);
  }
  /// Every column of x by itself, with step sizes of its own: one Solution a column.
  template <MatrixLike X, class P>
  auto each(const X& x, const P& p) const {
    using S = common_scalar_t<scalar_of<X>>;
    const auto one = [&](std::size_t j) { return (*this)(Vector<S>(x.column(j)), p); };
    std::vector<decltype(one(0))> solutions;
    solutions.reserve(x.cols());
    for (std::size_t j = 0; j < x.cols(); ++j) solutions.push_back(one(j));
    return solutions;
  }

 private:
  template <class X, class P>
  auto solve_one(const X& x, const P& p) const {
    const auto f = ODEFunction([net = net_](const auto& u, const auto& q, const auto& /*t*/) {
                     return net(u, q);
                   }).with_vjp(detail::LayerVjp<Net>{net_});
    return solve(ODEProblem(f, detail::own(x), tspan_, p), method_, options_, sensitivity_);
  }

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
