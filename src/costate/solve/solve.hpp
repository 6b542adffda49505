#pragma once

#include <costate/core/instruction_namespace.hpp>
#include <costate/core/sensitivity_tags.hpp>
#include <costate/core/solve_options.hpp>
#include <costate/methods/taylor.hpp>
#include <costate/methods/tsit5.hpp>
#include <costate/methods/vern7.hpp>
#include <costate/problems/matrix_state.hpp>
#include <costate/solve/matrix_solution.hpp>
#include <costate/solve/mesh_context.hpp>
#include <costate/solve/setup.hpp>
#include <costate/solve/solution.hpp>

#include <cstddef>
#include <limits>
#include <type_traits>
#include <utility>

namespace costate {

namespace detail::inline COSTATE_INSTRUCTIONS {

/// A solve whose numbers are plain or Dual: the steps on these numbers are the tangents of the steps, since
/// only values steer.
template <class Problem, class Method, class Guard = NoGuard>
auto solve_values(const Problem& problem, const Method& method, const SolveOptions& options,
                  MeshContext::Use use, Guard&& guard = {}) {
  using T = typename Problem::StateScalar;
  using Time = std::conditional_t<PlainScalar<decltype(problem.tspan().start)>, double, T>;
  using Types = SolveTypes<Problem, Method, T, Time>;
  using PT = scalar_of<typename Types::P>;
  constexpr std::size_t N = Types::N;
  const std::size_t n = problem.u0().size();
  const Time t0(problem.tspan().start), t1(problem.tspan().end);
  const double begin = static_cast<double>(plain(t0)), end = static_cast<double>(plain(t1));
  using Family = typename Types::template Family<PT>;
  // what is asked of a solve along a mesh was asked of the solve that chose it, whose span had other ends
  validate(options, n, use.follow ? use.follow->t0 : begin, use.follow ? use.follow->t1 : end,
           Family::has_error_estimate);

  typename Types::template Loop<PT> it(Family(method, {&problem.f(), problem.p().view(), n}, n),
                                       method.controller, options, t0, t1);
  it.follow(use.follow);
  StoredSolution<T, N> solution;
  Saver<T, N> saver(solution, options, n, degree_of(it.family()), begin, end, nullptr, use.follow);
  if constexpr (!PlainScalar<Time>) {
    saver.move_saved_times_by(t0 - begin);
    typename StoredSolution<T, N>::Access{solution}.moving_ends() = {t0 - begin, t1 - end};
  }
  NoRecord<T> record(it.family(), std::remove_cvref_t<Guard>::active, use.keep);
  NoEvents events;
  T* slot = record.first_slot();
  for (std::size_t i = 0; i < n; ++i) slot[i] = static_cast<T>(problem.u0()[i]);
  saver.begin(begin, slot);
  it.start(slot, options.dt);
  const Status status =
      run_loop(it, slot, saver, record, events, std::numeric_limits<std::size_t>::max(), guard);
  saver.finish(status, it.t(), record.last_state(), static_cast<std::int32_t>(it.steps()) - 1);
  if (use.keep) use.keep->t0 = begin, use.keep->t1 = end, use.keep->status = status;
  Statistics& statistics = typename StoredSolution<T, N>::Access{solution}.statistics();
  statistics.method = Method::name;
  statistics.steps = it.steps();
  statistics.rejected_steps = it.rejected();
  statistics.rhs_evaluations = count_evaluations<Family>(it.steps() + it.rejected(), it.steps(), it.at_end(),
                                                         saver.dense_evaluations(), it.extra_evaluations());
  statistics.first_dt = it.first_step_size();
  return solution;
}

/// What is chosen below reltol = 1e-6.
template <class Problem>
auto method_for_tight_tolerances() {
  using U = std::remove_cvref_t<decltype(std::declval<const Problem&>().u0())>;
  using P = std::remove_cvref_t<decltype(std::declval<const Problem&>().p())>;
  if constexpr (MatrixLike<U>) {
    return Vern7{};
  } else if constexpr (is_short_and_smooth<typename Problem::Function, extent_of<U>, extent_of<P>>()) {
    return Taylor{};
  } else {
    return Vern7{};
  }
}

}  // namespace detail::inline COSTATE_INSTRUCTIONS

inline namespace COSTATE_INSTRUCTIONS {

/// Solves a problem: steps of the method, sized by its controller, from one end of the span to the other.
///
///     auto solution = solve(problem, Tsit5{}, {.abstol = 1e-8, .reltol = 1e-8, .saveat = 0.1});
///
/// Numerical failure is `solution.status()`, never an exception; options or sizes that no solve could honour
/// are std::invalid_argument, before any work. Where u0, p or the span hold variables of a gradient, the
/// solve runs in plain numbers and is one node of that gradient; `sensitivity` says how it is pulled back.
/// Where u0 is a Matrix, the solution is a MatrixSolution: all columns with one step size, whose error is the
/// mean over all numbers.
template <class Problem, class Method, class Sensitivity = DiscreteAdjoint>
requires requires {
  typename Problem::StateScalar;
}
auto solve(const Problem& problem, const Method& method, const SolveOptions& options = {},
           const Sensitivity& sensitivity = {}) {
  using T = typename Problem::StateScalar;
  if constexpr (MatrixLike<decltype(problem.u0())>) {
    return detail::with_shape(solve(detail::flat_problem(problem), method, options, sensitivity),
                              problem.u0().rows(), problem.u0().cols());
  } else if constexpr (detail::is_var<T>) {
    return solve_differentiated(problem, method, options, sensitivity);
  } else {
    return detail::solve_values(problem, method, options, detail::MeshContext::next());
  }
}

/// Solves with a method chosen by rule, which `statistics().method` names: Tsit5 down to reltol = 1e-6, and
/// Vern7 below (the rule of OrdinaryDiffEq.jl for problems that are not stiff; costate has no stiff method to
/// switch to yet). Taylor takes the place of Vern7 where f is known while the program is compiled (a function
/// without data, at most 8 states and sizes known then), without branches, absolute values, roots,
/// logarithms and powers that are no whole numbers, and short (at most 16 products).
template <class Problem>
requires requires {
  typename Problem::StateScalar;
}
auto solve(const Problem& problem, const SolveOptions& options = {}) {
  const double reltol = options.reltol.smallest_or(detail::default_reltol);
  return reltol < 1e-6 ? solve(problem, detail::method_for_tight_tolerances<Problem>(), options)
                       : solve(problem, Tsit5{}, options);
}

}  // namespace COSTATE_INSTRUCTIONS

}  // namespace costate
