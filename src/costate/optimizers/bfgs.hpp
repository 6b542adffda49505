#pragma once

#include <costate/optimizers/detail/quasi_newton.hpp>
#include <costate/optimizers/line_search.hpp>
#include <costate/optimizers/objective.hpp>

#include <cstddef>
#include <tuple>
#include <vector>

namespace costate {

/// BFGS: steps −H g, with H an approximation of the inverse Hessian that is built from the changes of x and
/// of the gradient.
///
///     H ← (I − ρ s yᵀ) H (I − ρ y sᵀ) + ρ s sᵀ,   ρ = 1 / yᵀs       H: [parameters × parameters]
///
/// The first pair scales H by yᵀs / yᵀy; a pair without positive curvature is left out. Where the line search
/// finds nothing, H is dropped and steepest descent tried once; after that the run ends. For up to about a
/// thousand parameters (memory and work per iteration grow with their square) and a deterministic loss; LBFGS
/// beyond that, Adam for a noisy loss. With bounds, H is that of the parameters which no bound holds back,
/// and the line search follows the projected line; converged is max |xᵢ − P(xᵢ − gᵢ)|. J. Nocedal & S.
/// Wright, Numerical Optimization, 2nd ed., Algorithm 6.1, eq. 6.17 and 6.20; D. P. Bertsekas, SIAM J.
/// Control Optim. 20 (1982) 221 (bounds).
struct BFGS {
  /// Length of the first step tried: H₀ = I · initial_step_norm / |g|. Unset (0): min(1, |g|).
  double initial_step_norm = 0;
  double gradient_tolerance = 1e-8;  ///< converged where max |gᵢ| is at most this
  LineSearch line_search{};

  static constexpr const char* name = "BFGS";
  static constexpr bool takes_bounds = true;

  template <class T>
  struct State {
    detail::QuasiNewtonState<T> shared;
    std::vector<T> inverse_hessian;  ///< symmetric, both halves kept
    std::vector<T> hy;

    auto fields() { return std::tie(shared, inverse_hessian); }
  };

  /// Throws std::invalid_argument where a field is out of its range.
  template <class T>
  State<T> init(std::size_t size) const;

  template <class T>
  StepResult iterate(State<T>& state, const Objective<T>& objective, Iterate<T>& current) const;
};

extern template BFGS::State<float> BFGS::init(std::size_t) const;
extern template BFGS::State<double> BFGS::init(std::size_t) const;
extern template StepResult BFGS::iterate(State<float>&, const Objective<float>&, Iterate<float>&) const;
extern template StepResult BFGS::iterate(State<double>&, const Objective<double>&, Iterate<double>&) const;

}  // namespace costate
