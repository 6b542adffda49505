#pragma once

#include <costate/optimizers/detail/trust_region.hpp>
#include <costate/optimizers/hessian_objective.hpp>
#include <costate/optimizers/objective.hpp>

#include <cstddef>
#include <tuple>
#include <vector>

namespace costate {

/// Newton's method in a trust region: steps to the minimum of the quadratic model within a ball.
///
///     s = argmin gᵀs + ½ sᵀH s, |s| ≤ Δ,   x ← x + s where the loss falls        H: [parameters ×
///     parameters] gain ρ = (f(x) − f(x + s)) / (fall of the model);   Δ ← |s| / 4 where ρ < ¼;   Δ ← 2Δ
///     where ρ > ¾ at the boundary
///
/// H is exact, by forward over reverse: parameters / 8 gradients of Dual numbers an iteration. It may be
/// indefinite, and a saddle is left along its negative curvature. A point that is not finite (a failed solve)
/// shrinks the region. For up to some hundreds of parameters and a deterministic loss; no bounds. J. Nocedal
/// & S. Wright, Numerical Optimization, 2nd ed., Algorithms 4.1 and 4.3; J. J. Moré & D. C. Sorensen, SIAM J.
/// Sci. Stat. Comput. 4 (1983) 553.
struct Newton {
  double initial_radius = 0;         ///< Δ at the start. Unset (0): max(1, |x|)
  double gradient_tolerance = 1e-8;  ///< converged where max |gᵢ| is at most this
  double flatness =
      1e-9;  ///< relative differences of f below this are not trusted; there the gradient must halve

  static constexpr const char* name = "Newton";
  static constexpr bool takes_bounds = false;

  template <class T>
  struct State {
    detail::TrustRegionState<T> region;
    auto fields() { return std::tie(region); }

    detail::TrustRegionSubproblem subproblem;
    std::vector<T> derivatives;
    std::vector<double> hessian, gradient;
  };

  /// Throws std::invalid_argument where a field is out of its range.
  template <class T>
  State<T> init(std::size_t size) const;

  template <class T>
  StepResult iterate(State<T>& state, const HessianObjective<T>& objective, Iterate<T>& current) const;
};

extern template Newton::State<float> Newton::init(std::size_t) const;
extern template Newton::State<double> Newton::init(std::size_t) const;
extern template StepResult Newton::iterate(State<float>&, const HessianObjective<float>&,
                                           Iterate<float>&) const;
extern template StepResult Newton::iterate(State<double>&, const HessianObjective<double>&,
                                           Iterate<double>&) const;

}  // namespace costate
