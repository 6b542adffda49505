#pragma once

#include <costate/core/function_ref.hpp>
#include <costate/optimizers/objective.hpp>

#include <cstddef>
#include <span>
#include <tuple>
#include <vector>

namespace costate::detail {

/// The numbers of an optimizer that the region needs.
struct TrustRegionOptions {
  double initial_radius, gradient_tolerance, flatness;
};
/// Throws std::invalid_argument naming the field of the optimizer that is out of its range.
void check(const char* optimizer, const TrustRegionOptions& options);

template <class T>
struct TrustRegionState {
  double radius = 0;  ///< 0: not chosen yet
  Iterate<T> trial;
  std::vector<double> step;

  TrustRegionState() = default;
  explicit TrustRegionState(std::size_t size) : trial(size), step(size) {}
  auto fields() { return std::tie(radius); }
};

/// One iteration: `propose(radius, step)` writes a step of at most that length and returns by how much the
/// quadratic model falls along it, NaN where the Hessian is not finite. The region shrinks until the loss
/// falls too.
template <class T>
StepResult trust_region_iterate(TrustRegionState<T>& state, const TrustRegionOptions& options,
                                const Objective<T>& objective, Iterate<T>& current,
                                function_ref<double(double radius, std::span<double> step)> propose);

/// min gᵀs + ½ sᵀH s, |s| ≤ radius, for any symmetric H [n × n], by Newton's method on 1/|s(λ)| with
/// (H + λ I) s = −g, to a tenth of the radius; the hard case too. Returns the fall of the model. J. J. Moré &
/// D. C. Sorensen, SIAM J. Sci. Stat. Comput. 4 (1983) 553; A. R. Conn, N. I. M. Gould & P. L. Toint,
/// Trust-Region Methods (2000), algorithm 7.3.4.
class TrustRegionSubproblem {
 public:
  double solve(std::span<const double> hessian, std::span<const double> gradient, double radius,
               std::span<double> step);

 private:
  bool factor(std::span<const double> hessian, double shift);
  void substitute(std::span<double> x) const;
  /// Adds the null vector of H + λ I up to the boundary; whether that is good enough.
  bool fill_hard_case(std::span<const double> hessian, double shift, double radius, std::span<double> step,
                      double& lowest_shift);

  std::size_t n_ = 0;
  std::vector<double> factor_, null_, work_;
};

extern template StepResult trust_region_iterate(TrustRegionState<float>&, const TrustRegionOptions&,
                                                const Objective<float>&, Iterate<float>&,
                                                function_ref<double(double, std::span<double>)>);
extern template StepResult trust_region_iterate(TrustRegionState<double>&, const TrustRegionOptions&,
                                                const Objective<double>&, Iterate<double>&,
                                                function_ref<double(double, std::span<double>)>);

}  // namespace costate::detail
