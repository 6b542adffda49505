#pragma once

#include <costate/optimizers/detail/quasi_newton.hpp>
#include <costate/optimizers/line_search.hpp>
#include <costate/optimizers/objective.hpp>

#include <cstddef>
#include <tuple>
#include <vector>

namespace costate {

/// Limited-memory BFGS: the inverse Hessian is never formed, its product with the gradient comes from the
/// last pairs (s, y) by the two-loop recursion.
///
/// Memory and work per iteration are O(history · parameters), so it serves networks of any size with a
/// deterministic loss. It starts, skips pairs, restarts, keeps to bounds and ends as BFGS does. J. Nocedal &
/// S. Wright, Numerical Optimization, 2nd ed., Algorithms 7.4 and 7.5, eq. 7.20.
struct LBFGS {
  std::size_t history = 10;  ///< pairs kept, >= 1
  /// Length of the first step tried. Unset (0): min(1, |g|).
  double initial_step_norm = 0;
  double gradient_tolerance = 1e-8;  ///< converged where max |gᵢ| is at most this
  LineSearch line_search{};

  static constexpr const char* name = "LBFGS";
  static constexpr bool takes_bounds = true;

  template <class T>
  struct State {
    detail::QuasiNewtonState<T> shared;
    std::vector<T> s, y;  ///< rings of `history` vectors
    std::vector<double> rho, alpha;
    std::size_t kept = 0, next = 0;

    auto fields() { return std::tie(shared, s, y, rho, kept, next); }
  };

  /// Throws std::invalid_argument where a field is out of its range.
  template <class T>
  State<T> init(std::size_t size) const;

  template <class T>
  StepResult iterate(State<T>& state, const Objective<T>& objective, Iterate<T>& current) const;
};

extern template LBFGS::State<float> LBFGS::init(std::size_t) const;
extern template LBFGS::State<double> LBFGS::init(std::size_t) const;
extern template StepResult LBFGS::iterate(State<float>&, const Objective<float>&, Iterate<float>&) const;
extern template StepResult LBFGS::iterate(State<double>&, const Objective<double>&, Iterate<double>&) const;

}  // namespace costate
