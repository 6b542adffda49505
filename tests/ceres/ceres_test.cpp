#include <costate/ceres/ceres.hpp>
#include <costate/training/train_residuals.hpp>

#include <cmath>
#include <contracts/nist_regression.hpp>
#include <gtest/gtest.h>
#include <iterator>
#include <limits>
#include <span>
#include <stdexcept>

namespace costate {
namespace {

template <class Problem>
auto residuals_of() {
  return [](const auto& b) {
    Vector<scalar_of<decltype(b)>> r(std::size(Problem::response));
    for (std::size_t i = 0; i < r.size(); ++i)
      r[i] = Problem::model(b, Problem::predictor[i]) - Problem::response[i];
    return r;
  };
}

TEST(CeresLeastSquares, FindsTheCertifiedEstimatesOfNIST) {
  using Problem = nist::Misra1a;
  const Vector<double, 2> start{std::span<const double>(Problem::near)};
  const auto fit = train(residuals_of<Problem>(), start, CeresLeastSquares{});
  for (std::size_t j = 0; j < 2; ++j)
    EXPECT_NEAR(fit.minimizer[j] / Problem::certified[j], 1, 1e-7) << report(fit);
  EXPECT_NEAR(fit.minimum / Problem::sum_of_squares, 1, 1e-9);
  EXPECT_EQ(fit.iterations, 1u);
}

TEST(CeresLeastSquares, KeepsBoundsAndTakesAWall) {
  double highest = -9;
  const auto residuals = [&](const auto& x) {
    highest = std::fmax(highest, plain(x[0]));
    auto r = Vector{x[0] - 3.0, 10.0 * (x[1] - x[0] * x[0])};
    if (plain(x[1]) > 5) r[0] = r[0] + std::numeric_limits<double>::infinity();
    return r;
  };
  const auto fit = train(residuals, Vector{0.0, 0.0}, CeresLeastSquares{}, {.upper = {2, 100}});
  EXPECT_LE(highest, 2);
  EXPECT_NEAR(fit.minimizer[0], 2, 1e-6) << report(fit);
  EXPECT_NEAR(fit.minimizer[1], 4, 5e-3) << "Ceres stops early on a bound";
}

const auto rosenbrock = [](const auto& x) {
  const auto a = 1.0 - x[0], b = x[1] - x[0] * x[0];
  return a * a + 100.0 * b * b;
};

TEST(CeresLineSearch, FindsRosenbrocksMinimum) {
  const auto result = train(rosenbrock, Vector{-1.2, 1.0}, CeresLineSearch{});
  EXPECT_LT(result.minimum, 1e-10) << report(result);
  EXPECT_GT(result.evaluations, 10u);
}

TEST(CeresLineSearch, PassesExceptionsOfTheLossOn) {
  int calls = 0;
  const auto loss = [&](const auto& x) {
    if (++calls == 4) throw std::domain_error("from the loss");
    return rosenbrock(x);
  };
  EXPECT_THROW(train(loss, Vector{-1.2, 1.0}, CeresLineSearch{}), std::domain_error);
}

TEST(Ceres, RefusesFieldsOutOfRangeAndBoundsThatItDoesNotKeep) {
  EXPECT_THROW(CeresLeastSquares{.function_tolerance = -1}.init<double>(1), std::invalid_argument);
  EXPECT_THROW(CeresLineSearch{.max_iterations = 0}.init<double>(1), std::invalid_argument);
  EXPECT_THROW(train(rosenbrock, Vector{0.0, 0.0}, CeresLineSearch{}, {.lower = {-1, -1}}),
               std::invalid_argument);
}

}  // namespace
}  // namespace costate
