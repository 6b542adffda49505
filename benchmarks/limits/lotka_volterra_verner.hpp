#pragma once

#include <array>
#include <cstddef>
#include <span>
#include <vector>

#include "lotka_volterra.hpp"

namespace limits {

/// What the way back needs of a solve by Method: of each step its size, the inputs of its stages (the state
/// in the place of the first one, the new state after the last one) and the saved points in it; of each saved
/// point the weights of the slopes.
template <class Method>
struct VernerTape {
  static constexpr std::size_t stages = decltype(Method::tableau)::stages + decltype(Method::tableau)::extra;
  static constexpr std::size_t padded = (stages + 7) / 8 * 8;
  struct alignas(16) Step {
    double inputs[stages][2], h;
    int first_save, end_save;
  };
  struct alignas(64) Weights {
    double of[padded];
  };
  std::vector<Step> steps;
  std::vector<Weights> weights;
  SolveStatistics statistics;

  std::size_t bytes() const {
    return std::size_t(statistics.accepted) * sizeof(Step) + weights.size() * sizeof(Weights);
  }
};

/// The pair of Method (costate::Vern7 or costate::Vern9, whose tables it reads) with abstol = reltol =
/// tolerance, specialised by hand; the stages of the interpolant in steps that hold a saved point. `control`:
/// pi_short or dead_band.
template <class Method>
SolveStatistics lotka_volterra_verner(const std::array<double, 2>& u0, const std::array<double, 4>& p,
                                      double tolerance, std::span<double, lotka_volterra_saved> saved,
                                      StepControl control = StepControl::pi_short);

/// Σ weights · saved and its gradient by the discrete adjoint of the accepted steps.
template <class Method>
LotkaVolterraGradient lotka_volterra_verner_gradient(const std::array<double, 2>& u0,
                                                     const std::array<double, 4>& p, double tolerance,
                                                     std::span<const double, lotka_volterra_saved> weights,
                                                     VernerTape<Method>& tape);

}  // namespace limits
