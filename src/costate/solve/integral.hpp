#pragma once

#include <costate/core/errors.hpp>
#include <costate/core/instruction_namespace.hpp>
#include <costate/solve/solve.hpp>

#include <cstddef>
#include <limits>
#include <type_traits>
#include <vector>

namespace costate {

namespace detail::inline COSTATE_INSTRUCTIONS {

template <std::size_t N, class T, std::size_t Whole>
VectorView<T, N> first_components(const VectorView<T, Whole>& x, std::size_t n) {
  return {x.data(), n};
}
template <std::size_t N, class T, std::size_t Whole>
LeafView<T, N> first_components(const LeafView<T, Whole>& x, std::size_t n) {
  return {x.values(), x.first(), x.tape(), n};
}

/// f with g as one more component: u' = f(u, p, t), z' = g(u, p, t).
template <class F, class G, std::size_t N>
struct WithRunningCost {
  F f;
  G g;
  std::size_t states;

  template <class DU, class U, class P, class Time>
  void operator()(DU& du, const U& u, const P& p, const Time& t) const {
    auto du_states = first_components<N>(du, states);
    const auto u_states = first_components<N>(u, states);
    call_right_hand_side(f, du_states, u_states, p, t);
    static_assert(Scalar<std::remove_cvref_t<decltype(g(u_states, p, t))>>,
                  "costate::integral: g(u, p, t) must return a number");
    du[states] = g(u_states, p, t);
  }
};

/// Its vjp where the one of f is the user's own.
template <class F, class G, std::size_t N>
struct RunningCostVjp {
  F f;
  G g;
  std::size_t states;

  template <class UBar, class PBar, class Lambda, class U, class P>
  void operator()(UBar& ubar, PBar& pbar, const Lambda& lambda, const U& u, const P& p, double t) const {
    auto ubar_states = first_components<N>(ubar, states);
    const auto u_states = first_components<N>(u, states);
    f.vjp()(ubar_states, pbar, first_components<N>(lambda, states), u_states, p, t);
    const auto [du, dp] = gradient([&](const auto& v, const auto& q) { return g(v, q, t); }, u_states, p);
    for (std::size_t i = 0; i < states; ++i) ubar[i] = ubar[i] + lambda[states] * du[i];
    for (std::size_t i = 0; i < pbar.size(); ++i) pbar[i] = pbar[i] + lambda[states] * dp[i];
  }
};

template <std::size_t N, class F, class G>
auto with_running_cost(const F& f, const G& g, std::size_t states) {
  if constexpr (FunctionParts<F>::has_vjp)
    return ODEFunction{WithRunningCost<F, G, N>{f, g, states}}.with_vjp(
        RunningCostVjp<F, G, N>{f, g, states});
  else
    return WithRunningCost<F, G, N>{f, g, states};
}

/// One tolerance more, for the cost: the smallest of a list.
inline Tolerance with_one_more(const Tolerance& tolerance) {
  if (!tolerance.is_list() || tolerance.values().empty()) return tolerance;
  std::vector<double> values(tolerance.values().begin(), tolerance.values().end());
  values.push_back(tolerance.smallest_or(0));
  return Tolerance(values);
}

}  // namespace detail::inline COSTATE_INSTRUCTIONS

inline namespace COSTATE_INSTRUCTIONS {

/// The running cost ∫ g(u, p, t) dt over the span of a problem, from t₀ to t₁ (negative where time runs
/// backwards and g is positive).
///
///     const auto cost = integral(problem, [](const auto& u, const auto& p, auto t) { return u[0] * u[0]; },
///     Tsit5{}, options);
///
/// The cost is one more component of the solve, under its error control, so whatever differentiates a solve
/// differentiates it, and it may be added to losses on saved states. g is a generic callable that returns a
/// number; where the state is a Matrix it is called with a matrix view. `saveat` and `dense` of the options
/// do not matter. +∞ where the solve fails. Throws what `solve` throws.
template <class Problem, class G, class Method, class Sensitivity = DiscreteAdjoint>
requires requires {
  typename Problem::StateScalar;
  Method::name;
}
auto integral(const Problem& problem, const G& g, const Method& method, const SolveOptions& options = {},
              const Sensitivity& sensitivity = {}) {
  using U = std::remove_cvref_t<decltype(problem.u0())>;
  if constexpr (MatrixLike<U>) {
    const detail::Shape shape = detail::shape_of(problem.u0());
    return integral(
        detail::flat_problem(problem),
        [g, shape](const auto& u, const auto& p, const auto& t) { return g(shape(u), p, t); }, method,
        options, sensitivity);
  } else {
    constexpr std::size_t N = extent_of<U>;
    const std::size_t n = problem.u0().size();
    auto u0 = detail::zeros<scalar_of<U>, (N == dynamic ? dynamic : N + 1)>(n + 1);
    for (std::size_t i = 0; i < n; ++i) u0[i] = problem.u0()[i];
    const auto f = detail::with_running_cost<N>(problem.f(), g, n);
    SolveOptions only_the_end = options;
    only_the_end.abstol = detail::with_one_more(options.abstol);
    only_the_end.reltol = detail::with_one_more(options.reltol);
    only_the_end.saveat = {};
    only_the_end.save_everystep = false;
    only_the_end.dense = false;
    const auto solution = solve(
        ODEProblem<std::remove_const_t<decltype(f)>, decltype(u0), std::remove_cvref_t<decltype(problem.p())>,
                   std::remove_cvref_t<decltype(problem.tspan().start)>>(f, u0, problem.tspan(), problem.p()),
        method, only_the_end, sensitivity);
    using R = std::remove_cvref_t<decltype(solution.back()[n])>;
    return solution.successful() ? R(solution.back()[n]) : R(std::numeric_limits<base_t<R>>::infinity());
  }
}

}  // namespace COSTATE_INSTRUCTIONS

}  // namespace costate
