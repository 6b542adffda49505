#include <costate/optimizers/line_search.hpp>

#include <cmath>
#include <gtest/gtest.h>
#include <limits>

namespace costate {
namespace {

constexpr double infinity = std::numeric_limits<double>::infinity();

/// φ on the half line from 0, in one parameter
template <class Phi>
struct OnALine {
  Phi phi;  ///< phi(a, slope&)
  LineSearch rule{};
  double first_step = 1;
  Iterate<double> from{1};
  detail::LineSearchWorkspace<double> workspace{1};
  int calls = 0;

  LineSearchResult search() {
    const auto objective = [this](std::span<const double> x, std::span<double> g) {
      ++calls;
      return phi(x[0], g[0]);
    };
    from.loss = phi(0, from.gradient[0]);
    const double forward = 1;
    return detail::line_search<double>(rule, {objective, {}}, from, std::span<const double>(&forward, 1),
                                       first_step, workspace);
  }
  bool meets_strong_wolfe(double step) {
    double slope0 = 0, slope = 0;
    const double value0 = phi(0, slope0), value = phi(step, slope);
    return value <= value0 + rule.sufficient_decrease * step * slope0 &&
           std::fabs(slope) <= -rule.curvature * slope0;
  }
};
template <class Phi>
OnALine(Phi) -> OnALine<Phi>;

// The first three test functions of J. Moré & D. Thuente, ACM TOMS 20 (1994) 286, eq. 5.1 to 5.3, from their
// four first steps.
double more_thuente_1(double a, double& slope) {
  const double q = a * a + 2;
  slope = (a * a - 2) / (q * q);
  return -a / q;
}
double more_thuente_2(double a, double& slope) {
  const double b = a + 0.004;
  slope = 5 * std::pow(b, 4) - 8 * std::pow(b, 3);
  return std::pow(b, 5) - 2 * std::pow(b, 4);
}
double more_thuente_3(double a, double& slope) {
  const double beta = 0.01, l = 39, pi = 3.14159265358979323846;
  const double bent = a <= 1 - beta   ? 1 - a
                      : a >= 1 + beta ? a - 1
                                      : (a - 1) * (a - 1) / (2 * beta) + beta / 2;
  const double bent_slope = a <= 1 - beta ? -1 : a >= 1 + beta ? 1 : (a - 1) / beta;
  slope = bent_slope + (1 - beta) * std::cos(l * pi * a / 2);
  return bent + 2 * (1 - beta) / (l * pi) * std::sin(l * pi * a / 2);
}

TEST(LineSearch, MeetsTheStrongWolfeConditionsOnMoreAndThuentesFunctions) {
  for (auto* const phi : {more_thuente_1, more_thuente_2, more_thuente_3}) {
    for (const double first : {1e-3, 1e-1, 1e1, 1e3}) {
      for (const double curvature : {0.9, 0.1}) {
        OnALine line{phi};
        line.first_step = first;
        line.rule.curvature = curvature;
        line.rule.flatness = 0;  // the strong conditions alone
        const auto result = line.search();
        EXPECT_EQ(result.outcome, LineSearchOutcome::wolfe) << first;
        EXPECT_TRUE(line.meets_strong_wolfe(result.step)) << first;
        EXPECT_LE(result.evaluations, 20u) << first;
        EXPECT_EQ(line.workspace.best.x[0], result.step);
        EXPECT_TRUE(line.workspace.best.last_evaluated);
      }
    }
  }
}

TEST(LineSearch, ReachesAMinimumManyOrdersAway) {
  for (const double minimum : {1e-9, 1e-4, 1e4, 1e9}) {
    const auto phi = [&](double a, double& slope) {
      slope = 2 * (a / minimum - 1) / minimum;
      return (a / minimum - 1) * (a / minimum - 1) + 1;
    };
    OnALine line{phi};
    const auto result = line.search();
    EXPECT_EQ(result.outcome, LineSearchOutcome::wolfe) << minimum;
    EXPECT_LE(result.evaluations, 14u) << minimum;
  }
}

TEST(LineSearch, ShrinksBelowAWallThatIsOrdersAway) {
  for (const double outside : {infinity, -infinity, std::nan("")}) {
    for (const double wall : {0.5, 1e-3, 1e-8}) {
      const auto phi = [&](double a, double& slope) {
        slope = -1 / wall + 2 * a / (wall * wall);
        return a > wall ? outside : 3 - a / wall + a * a / (wall * wall);
      };
      OnALine line{phi};
      const auto result = line.search();
      EXPECT_EQ(result.outcome, LineSearchOutcome::wolfe);
      EXPECT_LT(result.step, wall);
      EXPECT_LE(result.evaluations, 14u);
    }
  }
}

TEST(LineSearch, TakesTheDecreaseWhereTheLossFallsUpToTheWall) {
  const auto phi = [](double a, double& slope) {
    slope = -1;
    return a > 3.7 ? infinity : 10 - a;
  };
  OnALine line{phi};
  const auto result = line.search();
  EXPECT_EQ(result.outcome, LineSearchOutcome::decrease);
  EXPECT_GT(result.step, 2.7);
  EXPECT_LE(result.step, 3.7);
  EXPECT_LE(result.evaluations, 10u);
}

TEST(LineSearch, TrustsTheSlopeWhereTheValuesAreFlatToRounding) {
  // 1 + (a - 1)^2 1e-18: every value is 1 in double precision
  const auto phi = [](double a, double& slope) {
    slope = 2e-18 * (a - 1);
    return 1.0;
  };
  OnALine line{phi};
  line.first_step = 0.01;
  line.rule.curvature = 0.5;
  const auto result = line.search();
  EXPECT_EQ(result.outcome, LineSearchOutcome::wolfe);
  EXPECT_GT(result.step, 0.49);  // φ' has halved
  EXPECT_LT(result.step, 1.81);  // and is at most −0.8 φ'(0)
}

TEST(LineSearch, ReportsNoProgressAndLeavesTheStart) {
  const auto cliff = [](double a, double& slope) {
    slope = -1;
    return a > 0 ? 2.0 : 1.0;  // a gradient that lies
  };
  OnALine line{cliff};
  const auto result = line.search();
  EXPECT_EQ(result.outcome, LineSearchOutcome::no_progress);
  EXPECT_NE(result.reason[0], '\0');
  EXPECT_LE(result.evaluations, line.rule.max_evaluations);
  EXPECT_EQ(line.from.x[0], 0);
  EXPECT_EQ(line.from.loss, 1);
}

TEST(LineSearch, KeepsToItsEvaluations) {
  const auto unbounded = [](double a, double& slope) {
    slope = -1;
    return -a;
  };
  OnALine line{unbounded};
  line.rule.max_evaluations = 7;
  const auto result = line.search();
  EXPECT_EQ(result.evaluations, 7u);
  EXPECT_EQ(line.calls, 7);
  EXPECT_EQ(result.outcome, LineSearchOutcome::decrease);
}

TEST(LineSearch, NeverLeavesTheNumbers) {
  const auto unbounded = [](double a, double& slope) {
    EXPECT_TRUE(std::isfinite(a));
    slope = -1;
    return -std::fmin(a, 1e300);
  };
  OnALine line{unbounded};
  line.first_step = 1e305;
  EXPECT_EQ(line.search().outcome, LineSearchOutcome::decrease);
}

TEST(LineSearch, RefusesADirectionThatClimbs) {
  const auto phi = [](double a, double& slope) {
    slope = 1;
    return a;
  };
  OnALine line{phi};
  const auto result = line.search();
  EXPECT_EQ(result.outcome, LineSearchOutcome::no_progress);
  EXPECT_EQ(line.calls, 0);
}

TEST(LineSearch, TakesTheLowestPointOfARoughLossWithinItsEvaluations) {
  const auto phi = [](double a, double& slope) {
    slope = 2 * (a - 1);
    return (a - 1) * (a - 1) + 1e-3 * std::sin(1e5 * a);
  };
  for (const double first : {1e-4, 1e-2, 1.0, 100.0}) {
    OnALine line{phi};
    line.first_step = first;
    const auto result = line.search();
    EXPECT_NE(result.outcome, LineSearchOutcome::no_progress) << first;
    EXPECT_LT(line.workspace.best.loss, line.from.loss);
  }
}

}  // namespace
}  // namespace costate
