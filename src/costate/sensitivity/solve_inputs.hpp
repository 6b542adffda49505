#pragma once

#include <costate/ad/operand.hpp>
#include <costate/core/errors.hpp>
#include <costate/core/instruction_namespace.hpp>
#include <costate/core/time_span.hpp>
#include <costate/problems/ode_problem.hpp>

#include <cstddef>
#include <cstdint>
#include <type_traits>
#include <utility>

namespace costate::detail::inline COSTATE_INSTRUCTIONS {

template <class T, class S>
inline constexpr bool is_var_of = std::is_same_v<S, Var<T>>;

/// A number one level down: the value of a Var<T>, anything else as it is.
template <class T, class S>
auto value_in(const S& x) {
  if constexpr (is_var_of<T, S>)
    return x.value();
  else
    return x;
}
template <class T, class V>
auto values_in(const V& x) {
  using S = std::remove_cvref_t<decltype(value_in<T>(x[0]))>;
  auto result = unfilled<S, extent_of<V>>(x.size());
  for (std::size_t i = 0; i < x.size(); ++i) result[i] = value_in<T>(x[i]);
  return result;
}

/// The problem of a solve inside a gradient of Var<T>: the same problem in T, and where its variables stand
/// on the tape.
template <class Problem, class T>
struct SolveInputs {
  using U = std::remove_cvref_t<decltype(std::declval<const Problem&>().u0())>;
  using P = std::remove_cvref_t<decltype(std::declval<const Problem&>().p())>;
  using Time = std::remove_cvref_t<decltype(std::declval<const Problem&>().tspan().start)>;
  static constexpr bool by_u0 = is_var_of<T, scalar_of<U>>;
  static constexpr bool by_p = is_var_of<T, scalar_of<P>>;
  static constexpr bool by_time = is_var_of<T, Time>;

  static auto plain_problem(const Problem& problem) {
    // u0 takes the scalar of the solve, since p or the span may lift it
    const auto u0 = values_in<T>(problem.u0());
    auto state = unfilled<T, extent_of<U>>(u0.size());
    for (std::size_t i = 0; i < u0.size(); ++i) state[i] = static_cast<T>(u0[i]);
    auto p = values_in<T>(problem.p());
    const TimeSpan span{value_in<T>(problem.tspan().start), value_in<T>(problem.tspan().end)};
    return ODEProblem<typename Problem::Function, decltype(state), decltype(p),
                      std::remove_cvref_t<decltype(span.start)>>(problem.f(), std::move(state), span,
                                                                 std::move(p));
  }
  using PlainProblem = decltype(plain_problem(std::declval<const Problem&>()));

  Operand<T> u0, p;
  std::int32_t t0 = -1, t1 = -1;

  void locate(Tape<T>& tape, const Problem& problem) {
    *this = {};
    if constexpr (by_u0) u0 = operand<T>(tape, problem.u0());
    if constexpr (by_p) p = operand<T>(tape, problem.p());
    if constexpr (by_time) {
      if (costate::plain(problem.tspan().start) == costate::plain(problem.tspan().end))
        reject("ODEProblem: tspan", "a span of some length where it is differentiated by its ends",
               "one of length 0");
      t0 = problem.tspan().start.index();
      t1 = problem.tspan().end.index();
      for (const Time* t : {&problem.tspan().start, &problem.tspan().end})
        if (t->index() >= 0 && t->tape() != tape.id()) throw_two_tapes();
    }
  }
};

}  // namespace costate::detail::inline COSTATE_INSTRUCTIONS
