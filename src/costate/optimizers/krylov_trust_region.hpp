#pragma once

#include <costate/optimizers/detail/trust_region.hpp>
#include <costate/optimizers/hessian_objective.hpp>
#include <costate/optimizers/objective.hpp>

#include <cstddef>
#include <tuple>
#include <vector>

namespace costate {

/// Newton's method in a trust region with conjugate gradients inside: it needs products H v only.
///
///     s: conjugate gradients on H s = −g, until |H s + g| ≤ η |g|, |s| = Δ, or a direction of curvature ≤ 0,
///        which is followed to the boundary;   η = min(forcing, √(|g| / |g at the start|))
///
/// Each product is a gradient of Dual numbers of one direction, so an iteration costs the gradients of its
/// conjugate steps; one whose trial is refused costs none again, since the path within a smaller region is
/// the beginning of the same path. For losses of many parameters, deterministic, where LBFGS crawls; no
/// bounds. T. Steihaug, SIAM J. Numer. Anal. 20 (1983) 626; J. Nocedal & S. Wright, Numerical Optimization,
/// 2nd ed., Algorithms 4.1 and 7.2.
struct KrylovTrustRegion {
  double initial_radius = 0;         ///< Δ at the start. Unset (0): max(1, |x|)
  double gradient_tolerance = 1e-8;  ///< converged where max |gᵢ| is at most this
  double flatness =
      1e-9;  ///< relative differences of f below this are not trusted; there the gradient must halve
  double forcing = 0.1;          ///< in (0, 1): how well the first systems are solved
  std::size_t max_products = 0;  ///< of one iteration. Unset (0): twice the number of parameters

  static constexpr const char* name = "KrylovTrustRegion";
  static constexpr bool takes_bounds = false;

  /// One leg of the path of conjugate gradients: from where the last one ended by `length` · direction.
  struct Leg {
    double length, slope, curvature;  ///< of the model along the direction; a length without end is infinite
  };

  template <class T>
  struct State {
    detail::TrustRegionState<T> region;
    double first_gradient = 0;  ///< |g| at the start
    auto fields() { return std::tie(region, first_gradient); }

    std::vector<Leg> legs;
    std::vector<T> directions;  ///< of the legs, one after the other
    std::vector<T> product, direction;
    std::vector<double> residual, end;
  };

  /// Throws std::invalid_argument where a field is out of its range.
  template <class T>
  State<T> init(std::size_t size) const;

  template <class T>
  StepResult iterate(State<T>& state, const HessianProductObjective<T>& objective, Iterate<T>& current) const;
};

extern template KrylovTrustRegion::State<float> KrylovTrustRegion::init(std::size_t) const;
extern template KrylovTrustRegion::State<double> KrylovTrustRegion::init(std::size_t) const;
extern template StepResult KrylovTrustRegion::iterate(State<float>&, const HessianProductObjective<float>&,
                                                      Iterate<float>&) const;
extern template StepResult KrylovTrustRegion::iterate(State<double>&, const HessianProductObjective<double>&,
                                                      Iterate<double>&) const;

}  // namespace costate
