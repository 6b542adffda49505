#pragma once

#include <costate/core/instruction_namespace.hpp>
#include <costate/methods/explicit_runge_kutta_pullback.hpp>
#include <costate/problems/ode_problem.hpp>
#include <costate/solve/integrator.hpp>
#include <costate/solve/loop.hpp>

#include <cstddef>
#include <string_view>
#include <type_traits>

namespace costate {

/// A method that `solve` can use: its family says how.
template <class M>
concept ODEMethod = requires {
  sizeof(detail::MethodFamily<M>);
};

namespace detail::inline COSTATE_INSTRUCTIONS {

/// f with its parameters, as the engines call it: du = f(u, p, t) on bare arrays.
template <class F, class T, std::size_t N, class PT, std::size_t M>
struct BoundRhs {
  const F* f;
  VectorView<const PT, M> p;
  std::size_t n;
  static constexpr bool gives_register = GivesRegister<F>;

  template <class Time>
  [[gnu::always_inline]] inline void operator()(const T* u, const Time& t, T* du) const {
    VectorView<T, N> du_view(du, n);
    const VectorView<const T, N> u_view(u, n);
    call_right_hand_side(*f, du_view, u_view, p, t);
  }
};

/// The types of a solve of Problem by Method in the scalar T.
template <class Problem, class Method, class T, class Time = double>
struct SolveTypes {
  static_assert(ODEMethod<Method>, "costate::solve: the second argument must be a method, such as Tsit5{}");
  using F = typename Problem::Function;
  using U = std::remove_cvref_t<decltype(std::declval<const Problem&>().u0())>;
  using P = std::remove_cvref_t<decltype(std::declval<const Problem&>().p())>;
  static constexpr std::size_t N = extent_of<U>;
  static constexpr std::size_t M = extent_of<P>;
  template <class PT>
  using Rhs = BoundRhs<F, T, N, PT, M>;
  template <class PT>
  using Family = typename MethodFamily<Method>::template Step<Rhs<PT>, T, N, Time>;
  using Controller = std::remove_cvref_t<decltype(std::declval<const Method&>().controller)>;
  template <class PT>
  using Loop = Integrator<Family<PT>, Controller>;
};

template <class Family>
std::size_t count_evaluations(std::size_t tried, std::size_t steps, bool reached_end, std::size_t dense,
                              std::size_t others) {
  std::size_t total = tried * Family::evaluations_in_step + dense * Family::evaluations_for_dense + others;
  if (Family::evaluates_at_accept) total += steps - (reached_end && steps > 0 ? 1 : 0);
  return total;
}

/// The method's or the problem's numbers in the solve's scalar.
template <class T, std::size_t N, class V>
Vector<T, N> converted(const V& x) {
  auto result = zeros<T, N>(x.size());
  for (std::size_t i = 0; i < x.size(); ++i) result[i] = static_cast<T>(x[i]);
  return result;
}

}  // namespace detail::inline COSTATE_INSTRUCTIONS
}  // namespace costate
