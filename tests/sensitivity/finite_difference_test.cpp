#include <costate/sensitivity/discrete_adjoint.hpp>
#include <costate/sensitivity/finite_difference.hpp>

#include <contracts/sensitivity_contract.hpp>

namespace costate {

INSTANTIATE_TYPED_TEST_SUITE_P(Differences, SensitivityContract, FiniteDifference);

namespace {
template <class Sensitivity>
auto gradient_by(const Sensitivity& sensitivity) {
  return gradient(
      [&](const auto& p) {
        const ODEProblem problem(DrivenPredatorPrey{}, {0.9, 1.2}, {0.0, 2.0}, p);
        return random_reads(solve(problem, Tsit5{}, {.reltol = 1e-5, .saveat = 0.2}, sensitivity), {1.03});
      },
      Vector{1.1, 0.8, 1.7});
}
}  // namespace

// central differences: the error is O(step²) while truncation rules
TEST(FiniteDifference, IsOfSecondOrderInItsStep) {
  const auto exact = gradient_by(DiscreteAdjoint{});
  const double coarse = relative_difference(gradient_by(FiniteDifference{.step = 4e-2}), exact);
  const double fine = relative_difference(gradient_by(FiniteDifference{.step = 1e-2}), exact);
  EXPECT_NEAR(coarse / fine, 16, 1.6);
}

TEST(FiniteDifference, RejectsAStepThatIsNone) {
  EXPECT_THROW(gradient_by(FiniteDifference{.step = -1e-3}), std::invalid_argument);
  EXPECT_THROW(gradient_by(FiniteDifference{.step = std::nan("")}), std::invalid_argument);
}

}  // namespace costate
