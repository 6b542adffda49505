#pragma once

#include <costate/optimizers/objective.hpp>

#include <cstddef>
#include <span>
#include <vector>

namespace costate {

/// A line search for losses that may be infinite, NaN or rough: φ(a) = f(x + a d), φ'(0) < 0. It ends at a
/// point that meets the strong Wolfe conditions
///
///     φ(a) ≤ φ(0) + c₁ a φ'(0),   |φ'(a)| ≤ c₂ |φ'(0)|
///
/// or, where differences of f drown in rounding or in the noise of a solve, the approximate ones, which trust
/// the slope:
///
///     |φ(a) − φ(0)| ≤ ε |φ(0)|,   c₂ φ'(0) ≤ φ'(a) ≤ −0.8 φ'(0).
///
/// Steps grow (by 2 to 10) until the minimum along d is bracketed, then the bracket shrinks by safeguarded
/// cubic or secant steps. A value or a gradient that is not finite is an upper end of the bracket. Where the
/// evaluations run out, the lowest point seen is the result if it is below φ(0), and there is no progress
/// otherwise. With bounds the line is bent, φ(a) = f(P(x + a d)), P the projection onto the box, its fall is
/// measured by gᵀ(P(x + a d) − x), and beyond the first bend only φ'(a) ≥ c₂ φ'(0) is asked. J. Nocedal & S.
/// Wright, Numerical Optimization, 2nd ed., §3.5, eq. 3.59; W. Hager & H. Zhang, SIAM J. Optim. 16 (2005)
/// 170, §4; D. P. Bertsekas, SIAM J. Control Optim. 20 (1982) 221, eq. 12.
struct LineSearch {
  double sufficient_decrease = 1e-4;  ///< c₁
  double curvature = 0.9;             ///< c₂, c₁ < c₂ < 1
  double flatness = 1e-6;             ///< ε, relative differences of f that are not trusted
  std::size_t max_evaluations = 40;
};

enum class LineSearchOutcome {
  wolfe,        ///< strong or approximate Wolfe conditions hold
  decrease,     ///< the loss fell, but the curvature condition was not reached
  no_progress,  ///< no lower point was seen; nothing was written
};

struct LineSearchResult {
  LineSearchOutcome outcome = LineSearchOutcome::no_progress;
  double step = 0;
  std::size_t evaluations = 0;
  const char* reason = "";  ///< for no_progress
};

namespace detail {

/// Points that a line search keeps; made once a run.
template <class T>
struct LineSearchWorkspace {
  Iterate<T> trial, best;

  LineSearchWorkspace() = default;
  explicit LineSearchWorkspace(std::size_t size) : trial(size), best(size) {}
};

/// Searches from `from` along `direction`, first at `first_step` > 0. The point found is left in
/// `workspace.best`.
template <class T>
LineSearchResult line_search(const LineSearch& rule, const Objective<T>& objective, const Iterate<T>& from,
                             std::span<const T> direction, double first_step,
                             LineSearchWorkspace<T>& workspace);

/// Σ aᵢ bᵢ, summed in double
template <class T>
double inner_product(std::span<const T> a, std::span<const T> b);

extern template LineSearchResult line_search(const LineSearch&, const Objective<float>&,
                                             const Iterate<float>&, std::span<const float>, double,
                                             LineSearchWorkspace<float>&);
extern template LineSearchResult line_search(const LineSearch&, const Objective<double>&,
                                             const Iterate<double>&, std::span<const double>, double,
                                             LineSearchWorkspace<double>&);
extern template double inner_product(std::span<const float>, std::span<const float>);
extern template double inner_product(std::span<const double>, std::span<const double>);

}  // namespace detail
}  // namespace costate
