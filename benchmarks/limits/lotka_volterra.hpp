#pragma once

#include <array>
#include <cstddef>
#include <span>
#include <vector>

/// What a maintainer gets who specializes one computation to one problem by hand: the yardstick of the
/// library. Needs AVX-512 (the step-size control and the duals are written with its instructions).
namespace limits {

/// u₁' = p₀u₁ − p₁u₁u₂, u₂' = −p₂u₂ + p₃u₁u₂ on [0, 10], saved every 0.1 as u₁(0), u₂(0), u₁(0.1), …
inline constexpr std::size_t lotka_volterra_saved = 202;

enum class StepControl {
  pi_short,   ///< PI control with short log2 and exp2
  pi_libm,    ///< the same with std::pow and true divisions
  dead_band,  ///< integral control that keeps h while the error is in [0.3, 0.87] of the tolerance, so that
              ///< branch prediction starts the next step before the error is known
};

struct SolveStatistics {
  int accepted = 0, rejected = 0;
  /// Tsit5 is FSAL; two evaluations more give the first derivative and the starting step.
  int rhs_evaluations() const { return 2 + 6 * (accepted + rejected); }
};

/// Tsit5 with abstol = reltol = tolerance and dense output.
SolveStatistics lotka_volterra_solve(const std::array<double, 2>& u0, const std::array<double, 4>& p,
                                     double tolerance, std::span<double, lotka_volterra_saved> saved,
                                     StepControl control = StepControl::pi_short);

/// One accepted step as the reverse sweep needs it.
struct StepRecord {
  double t, h;
  double u[7][2];            ///< stage states; the last one is the state at the end
  int first_save, end_save;  ///< saved points inside the step
};

enum class Vjp {
  hand,   ///< vector–Jacobian product written out
  duals,  ///< generic right-hand side on duals of six partials, one 512-bit register each
};

struct LotkaVolterraGradient {
  double value = 0;
  std::array<double, 6> gradient{};  ///< du0[0], du0[1], dp[0] … dp[3]
  SolveStatistics statistics;
};

/// Σ weights · saved and its gradient by u0 and p: the discrete adjoint of the accepted steps, stage states
/// kept in `tape`.
LotkaVolterraGradient lotka_volterra_gradient(const std::array<double, 2>& u0, const std::array<double, 4>& p,
                                              double tolerance,
                                              std::span<const double, lotka_volterra_saved> weights,
                                              std::vector<StepRecord>& tape, Vjp vjp = Vjp::hand);

}  // namespace limits
