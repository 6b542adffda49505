#include <costate/optimizers/gauss_newton.hpp>
#include <costate/optimizers/levenberg_marquardt.hpp>
#include <costate/optimizers/residual_objective.hpp>

#include <contracts/least_squares_contract.hpp>

namespace costate {
namespace {

INSTANTIATE_TYPED_TEST_SUITE_P(LevenbergMarquardt, LeastSquaresContract,
                               ResidualsInFloatAndDouble<LevenbergMarquardt>);
INSTANTIATE_TYPED_TEST_SUITE_P(GaussNewton, LeastSquaresContract, ResidualsInFloatAndDouble<GaussNewton>);

TEST(LeastSquares, RefusesFieldsOutOfRange) {
  EXPECT_THROW(LevenbergMarquardt{.initial_damping = 0}.init<double>(1), std::invalid_argument);
  EXPECT_THROW(LevenbergMarquardt{.step_tolerance = -1}.init<double>(1), std::invalid_argument);
  EXPECT_THROW(GaussNewton{.cost_tolerance = -1}.init<double>(1), std::invalid_argument);
}

// The stacked matrix keeps what the normal equations lose: the condition of JᵀJ here is 1e20.
TEST(LevenbergMarquardt, SolvesWhereTheNormalEquationsAreSingular) {
  const auto residuals = [](const auto& x) {
    return Vector{x[0] + x[1] - 2.0, 1e-9 * (x[0] - x[1] - 1.0), 1e-9 * (x[1] - 0.5)};
  };
  const auto result = train(residuals, Vector{0.0, 0.0}, LevenbergMarquardt{});
  EXPECT_NEAR(result.minimizer[0], 1.5, 1e-5) << report(result);
  EXPECT_NEAR(result.minimizer[1], 0.5, 1e-5);
}

}  // namespace
}  // namespace costate
