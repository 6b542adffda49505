#include <costate/nlopt/nlopt.hpp>
#include <costate/training/train.hpp>

#include <cmath>
#include <gtest/gtest.h>
#include <limits>
#include <stdexcept>

namespace costate {
namespace {

const auto rosenbrock = [](const auto& x) {
  const auto a = 1.0 - x[0], b = x[1] - x[0] * x[0];
  return a * a + 100.0 * b * b;
};

TEST(NLopt, FindsRosenbrocksMinimumByEachKindOfAlgorithm) {
  for (const char* algorithm : {"LD_LBFGS", "LD_SLSQP", "LD_MMA", "LD_TNEWTON_PRECOND_RESTART", "LN_BOBYQA",
                                "LN_NELDERMEAD", "LN_SBPLX", "LN_COBYLA"}) {
    const auto result = train(rosenbrock, Vector{-1.2, 1.0}, NLopt{.algorithm = algorithm});
    EXPECT_LT(result.minimum, 1e-4) << algorithm << '\n' << report(result);
    EXPECT_EQ(result.iterations, 1u);
    EXPECT_GT(result.evaluations, 10u);
    EXPECT_LE(result.last_loss, 24.2);
  }
}

TEST(NLopt, SearchesABoxForTheLowestOfManyMinima) {
  const auto rastrigin = [](const auto& x) {
    auto total = 20.0 + 0.0 * x[0];
    for (std::size_t i = 0; i < 2; ++i) total = total + x[i] * x[i] - 10.0 * cos(6.283185307179586 * x[i]);
    return total;
  };
  double furthest = 0;
  const auto watched = [&](const auto& x) {
    furthest = std::fmax(furthest, std::fmax(plain(x[0]), plain(x[1])));
    return rastrigin(x);
  };
  const TrainOptions box{.lower = {-4, -5}, .upper = {5, 4.5}};
  const auto result = train(watched, Vector{4.0, 4.0}, NLopt{.algorithm = "GN_DIRECT_L"}, box);
  EXPECT_NEAR(result.minimizer[0], 0, 1e-3) << report(result);
  EXPECT_NEAR(result.minimizer[1], 0, 1e-3);
  EXPECT_LE(furthest, 5);
}

TEST(NLopt, KeepsBoundsAndFloats) {
  const auto loss = [](const auto& x) { return (x[0] - 3.0f) * (x[0] - 3.0f) + x[1] * x[1]; };
  const auto result =
      train(loss, Vector<float, 2>{0.5f, 1.0f}, NLopt{}, {.lower = {0, 0.1}, .upper = {2, 2}});
  EXPECT_NEAR(result.minimizer[0], 2, 1e-5);
  EXPECT_NEAR(result.minimizer[1], 0.1, 1e-5);
}

TEST(NLopt, TakesAnInfiniteLossForAWall) {
  const auto loss = [](const auto& x) {
    const auto value = (x[0] - 3.0) * (x[0] - 3.0);
    return plain(x[0]) > 2 ? value + std::numeric_limits<double>::infinity() : value;
  };
  EXPECT_NEAR(train(loss, Vector{0.0}, NLopt{.algorithm = "LN_NELDERMEAD"}).minimizer[0], 2, 1e-3);
}

TEST(NLopt, PassesExceptionsOfTheLossOn) {
  int calls = 0;
  const auto loss = [&](const auto& x) {
    if (++calls == 4) throw std::domain_error("from the loss");
    return rosenbrock(x);
  };
  EXPECT_THROW(train(loss, Vector{-1.2, 1.0}, NLopt{}), std::domain_error);
}

TEST(NLopt, RefusesWhatNLoptDoes) {
  const auto refusal = [&](const NLopt& optimizer) -> std::string {
    try {
      train(rosenbrock, Vector{-1.2, 1.0}, optimizer);
    } catch (const std::invalid_argument& e) {
      return e.what();
    }
    return "";
  };
  EXPECT_EQ(refusal({.algorithm = "LD_MAGIC"}),
            "NLopt.algorithm: want a name that NLopt knows, such as LD_LBFGS or LN_BOBYQA, got LD_MAGIC");
  EXPECT_NE(refusal({.algorithm = "GN_DIRECT"}).find("finite bounds"), std::string::npos);
  EXPECT_EQ(refusal({.max_evaluations = 0}), "NLopt.max_evaluations: want a number >= 1, got 0");
  EXPECT_EQ(refusal({.step_tolerance = -1}), "NLopt.step_tolerance: want a finite number >= 0, got -1");
}

}  // namespace
}  // namespace costate
