#pragma once

#include <costate/core/errors.hpp>
#include <costate/core/instruction_namespace.hpp>
#include <costate/core/matrix.hpp>
#include <costate/core/sensitivity_tags.hpp>
#include <costate/core/solve_options.hpp>
#include <costate/core/vector.hpp>
#include <costate/problems/ode_problem.hpp>
#include <costate/solve/solve.hpp>

#include <cstddef>
#include <type_traits>
#include <vector>

namespace costate {

inline namespace COSTATE_INSTRUCTIONS {

/// Solves the problem from every column of `starts` by itself, with step sizes of its own: one Solution a
/// column, in their order.
///
///     const auto solutions = solve_each(problem, starts, Tsit5{}, {.saveat = 0.1});
///     solutions[j][i]        sample j at its saved time i
///
/// The problem is one of a single sample; its own u0 gives no more than the size. Columns share nothing but f
/// and p, so one that fails leaves the others alone. Inside a gradient each is a solve of its own. Throws
/// std::invalid_argument like `solve`, and where the columns have another size than u0.
template <class Problem, MatrixLike Starts, class Method, class Sensitivity = DiscreteAdjoint>
requires VectorLike<decltype(std::declval<const Problem&>().u0())>
auto solve_each(const Problem& problem, const Starts& starts, const Method& method,
                const SolveOptions& options = {}, const Sensitivity& sensitivity = {}) {
  constexpr std::size_t N = extent_of<decltype(problem.u0())>;
  using U = Vector<common_scalar_t<scalar_of<Starts>>, N>;
  if (starts.rows() != problem.u0().size())
    detail::reject_size("solve_each: a column of starts", problem.u0().size(), starts.rows());
  using One = decltype(solve(problem.with_u0(U(starts.column(0))), method, options, sensitivity));
  std::vector<One> solutions;
  solutions.reserve(starts.cols());
  for (std::size_t j = 0; j < starts.cols(); ++j)
    solutions.push_back(solve(problem.with_u0(U(starts.column(j))), method, options, sensitivity));
  return solutions;
}

/// The same for a problem whose u0 is the Matrix of starts: its f is called with matrices of one column.
template <class Problem, class Method, class Sensitivity = DiscreteAdjoint>
requires MatrixLike<decltype(std::declval<const Problem&>().u0())>
auto solve_each(const Problem& problem, const Method& method, const SolveOptions& options = {},
                const Sensitivity& sensitivity = {}) {
  using S = scalar_of<decltype(problem.u0())>;
  const auto one = [&](std::size_t j) {
    const auto column = problem.u0().column(j);
    return solve(problem.with_u0(MatrixView<const S>(column.data(), column.size(), 1)), method, options,
                 sensitivity);
  };
  std::vector<decltype(one(0))> solutions;
  solutions.reserve(problem.u0().cols());
  for (std::size_t j = 0; j < problem.u0().cols(); ++j) solutions.push_back(one(j));
  return solutions;
}

}  // namespace COSTATE_INSTRUCTIONS

}  // namespace costate
