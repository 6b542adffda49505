#pragma once

#include <costate/problems/ode_problem.hpp>
#include <costate/sensitivity/check_gradient.hpp>
#include <costate/sensitivity/discrete_adjoint.hpp>
#include <costate/solve/solve.hpp>

#include <algorithm>
#include <cmath>
#include <contracts/random_reads.hpp>
#include <cstddef>
#include <gtest/gtest.h>
#include <vector>

namespace costate {

/// What every method owes to a gradient: its hand-derived tangent and pullback are those of its step and of
/// its dense output.
///
/// Usage: `INSTANTIATE_TYPED_TEST_SUITE_P(Tsit5, DifferentiatedMethodContract, Tsit5);`. Dual numbers and
/// differences along the frozen mesh are the references.
template <class Method>
class DifferentiatedMethodContract : public testing::Test {
 public:
  static auto loss_of(const SolveOptions& options, TimeSpan<double> span, const std::vector<double>& reads) {
    return [=](const auto& x) {
      const ODEProblem problem(DrivenPredatorPrey{}, Vector{x[0], x[1]}, span, Vector{x[2], x[3], x[4]});
      return random_reads(solve(problem, Method{}, options), reads);
    };
  }
  /// What rounding may differ by, over what it may for numbers of common size: the extra stages of Vern6
  /// weigh slopes by 4e3.
  static double amplification() {
    double largest = 400;
    for (const auto& row : Method::tableau.a)
      for (const double a : row) largest = std::max(largest, std::abs(a));
    return largest / 400;
  }
  static SolveOptions options(bool many_steps) {
    SolveOptions result{.abstol = 1e-7, .reltol = 1e-7, .saveat = {0.3, 0.31, 1.9}};
    constexpr bool adaptive = Method::tableau.embedded_order > 0;
    if (!adaptive || !many_steps) result.adaptive = false, result.dt = many_steps ? 0.07 : 0.8;
    return result;
  }
};

TYPED_TEST_SUITE_P(DifferentiatedMethodContract);

TYPED_TEST_P(DifferentiatedMethodContract, AgreesByThreeRoutes) {
  using Fixture = DifferentiatedMethodContract<TypeParam>;
  for (const bool backwards : {false, true}) {
    for (const bool many_steps : {true, false}) {
      for (const bool dense : {true, false}) {
        SCOPED_TRACE(testing::Message()
                     << "backwards " << backwards << ", many steps " << many_steps << ", dense " << dense);
        auto options = Fixture::options(many_steps);
        options.dense = dense;
        if (backwards) options.saveat = {1.9, 0.31, 0.3};
        const TimeSpan<double> span = backwards ? TimeSpan{2.0, 0.0} : TimeSpan{0.0, 2.0};
        const auto loss =
            Fixture::loss_of(options, span, dense ? std::vector{0.0, 0.29, 1.2, 2.0} : std::vector<double>{});
        const auto comparison = check_gradient(loss, Vector{0.9, 1.2, 1.1, 0.8, 1.7});
        EXPECT_LT(relative_difference(comparison.reverse, comparison.forward),
                  1e-11 * Fixture::amplification());
        EXPECT_LT(relative_difference(comparison.reverse, comparison.finite_difference),
                  2e-7 * Fixture::amplification());
      }
    }
  }
}

REGISTER_TYPED_TEST_SUITE_P(DifferentiatedMethodContract, AgreesByThreeRoutes);

}  // namespace costate
