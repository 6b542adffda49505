#include <costate/ad/gradient.hpp>
#include <costate/data/time_series.hpp>
#include <costate/losses/cross_entropy.hpp>
#include <costate/losses/likelihood.hpp>
#include <costate/losses/reductions.hpp>
#include <costate/losses/regularizers.hpp>
#include <costate/losses/robust_errors.hpp>
#include <costate/methods/tsit5.hpp>
#include <costate/problems/ode_problem.hpp>
#include <costate/sensitivity/discrete_adjoint.hpp>
#include <costate/solve/solve.hpp>

#include <cmath>
#include <contracts/random_reads.hpp>
#include <contracts/refusal.hpp>
#include <gtest/gtest.h>
#include <limits>
#include <string>
#include <vector>

namespace costate {
namespace {

constexpr double infinity = std::numeric_limits<double>::infinity();
constexpr double nan = std::numeric_limits<double>::quiet_NaN();

template <class P>
auto solved(const P& p, const SolveOptions& options = {.saveat = 0.5}) {
  return solve(ODEProblem(DrivenPredatorPrey{}, {0.9, 1.2}, {0.0, 2.0}, p), Tsit5{}, options);
}
const Vector p{1.1, 0.8, 1.7};

}  // namespace

TEST(Losses, HaveTheirValues) {
  const Vector x{1.0, 2.0, 4.0};
  EXPECT_EQ(mean_squared_error(x, 1.0), 10.0 / 3);
  EXPECT_EQ(absolute_error(x, 2.0), 3.0);
  EXPECT_EQ(mean_absolute_error(x, Vector{2.0, 2.0, 2.0}), 1.0);
  EXPECT_EQ(squared_error(x, 1.0, {.weights = {1.0, 2.0, 0.5}}), 0 + 2 + 4.5);
  EXPECT_EQ(mean(x, {1.0, 0.0, 3.0}), 13.0 / 4);
  EXPECT_EQ(sum(x, {1.0, 0.0, 3.0}), 13.0);
  EXPECT_EQ(l1_penalty(Vector{-1.0, 2.0}), 3.0);
  EXPECT_EQ(l2_penalty(Vector{-1.0, 2.0}, {1.0, 0.5}), 3.0);
}

TEST(Losses, HaveTheValuesOfSciPy) {
  // scipy 1.17.1: stats.norm.logpdf, stats.lognorm.logpdf(y, s, scale = x), special.log_softmax,
  // special.huber
  const Vector x{1.0, 2.0, 0.5}, y{1.5, 1.0, 0.75}, sigma{0.3, 0.8, 1.1};
  EXPECT_NEAR(normal_nll(x, y, sigma), 3.620974758948077, 1e-15 * 4);
  EXPECT_NEAR(log_normal_nll(x, y, sigma), 2.899425256544929, 1e-15 * 4);
  const Matrix<double> logits{{1.0, 0.1}, {-2.0, 3.0}, {0.5, -1.0}};
  EXPECT_NEAR(logit_cross_entropy(logits, std::vector<int>{2, 0}), 1.9876855606513872, 1e-15 * 2);
  EXPECT_NEAR(huber(Vector{2.0, 0.3, -0.5}, 0.0, {.delta = 0.5}), 1.045, 1e-15);
  const Vector q{0.2, 0.3, 0.5};
  EXPECT_NEAR(cross_entropy(q, q), 1.0296530140645737, 1e-15 * 2);
}

TEST(Losses, TakeSolutionsAndTablesOfTheirShape) {
  const auto solution = solved(p);
  Matrix<double> table(2, solution.size());
  for (std::size_t i = 0; i < solution.size(); ++i)
    for (std::size_t k = 0; k < 2; ++k) table(k, i) = 0.3 * static_cast<double>(i + k);
  const double both = squared_error(solution, table);
  EXPECT_NEAR(both, squared_error(solution, std::vector<double>(table.data(), table.data() + 10)), 1e-15);
  // weights of the components hold at all times
  const double first = squared_error(solution.component(0), Vector{0.0, 0.3, 0.6, 0.9, 1.2});
  EXPECT_NEAR(squared_error(solution, table, {.weights = {1.0, 0.25}}), first + 0.25 * (both - first), 1e-14);
  // and so do standard deviations
  EXPECT_NEAR(normal_nll(solution, table, Vector{0.5, 2.0}),
              0.5 * (first / 0.25 + (both - first) / 4) + 10 * 0.9189385332046727, 1e-13);
  EXPECT_EQ(refusal_of([&] { squared_error(solution, Matrix<double>(5, 2)); }),
            "squared_error: target: want 2 x 5 numbers, got 5 x 2 numbers");
  EXPECT_NE(refusal_of([&] {
              normal_nll(solution, table, Vector{1.0, 1.0, 1.0});
            }).find("normal_nll: sigma: want 10"),
            std::string::npos);
}

TEST(Losses, TakeTimeSeriesOfTheSameTimes) {
  const auto solution = solved(p);
  Matrix<double> values(2, 5);
  for (std::size_t k = 0; k < 10; ++k) values.data()[k] = 0.1 * static_cast<double>(k);
  const std::vector<double> t(solution.t().begin(), solution.t().end());
  const TimeSeries series = time_series(t, {"prey", "predator"}, values);
  EXPECT_EQ(squared_error(solution, series), squared_error(solution, values));
  const auto by_series = [&](const auto& q) { return huber(solved(q), series, {.delta = 0.3}); };
  const auto by_values = [&](const auto& q) { return huber(solved(q), values, {.delta = 0.3}); };
  EXPECT_EQ(gradient(by_series, p)[1], gradient(by_values, p)[1]);
  auto late = t;
  late[3] += 0.01;
  EXPECT_EQ(refusal_of([&] {
              squared_error(solution, time_series(late, {"a", "b"}, values));
            }),
            "squared_error: target: times: want those of the solution (saveat), 1.5, got 1.51");
  EXPECT_EQ(refusal_of([&] { squared_error(solution, time_series(t, {"a"}, Matrix<double>(1, 5))); }),
            "squared_error: target: want 2 x 5 numbers, got 1 x 5 numbers");
}

TEST(Losses, LeaveOutSingleNumbers) {
  const Vector x{1.0, 2.0, 4.0};
  const Vector y{0.0, nan, 1.0};
  EXPECT_EQ(squared_error(x, y, {.missing = Missing::skip}), 10.0);
  EXPECT_EQ(mean_squared_error(x, y, {.missing = Missing::skip}), 5.0);
  EXPECT_EQ(huber(x, y, {.delta = 1, .missing = Missing::skip}), 0.5 + 2.5);
  EXPECT_TRUE(std::isnan(squared_error(x, y)));
  const Vector nothing{nan, nan, nan};
  EXPECT_EQ(squared_error(x, nothing, {.missing = Missing::skip}), 0.0);
  EXPECT_EQ(
      refusal_of([&] { mean_squared_error(x, nothing, {.missing = Missing::skip}); }),
      "mean_squared_error: weights: want at least 1 number that counts, got none: missing or of weight 0");
  // a sample of which one probability is missing is missing
  const Matrix<double> probabilities{{0.2, 0.5}, {0.8, 0.5}}, target{{nan, 1.0}, {1.0, 0.0}};
  EXPECT_NEAR(cross_entropy(probabilities, target, {.missing = Missing::skip}), std::log(2.0), 1e-15);
}

TEST(Huber, IsSmoothAtItsKink) {
  const auto at = [](double r) {
    return value_and_gradient([](const auto& z) { return huber(z, 0.0, {.delta = 0.5}); }, Vector{r});
  };
  for (const double sign : {-1.0, 1.0}) {
    const auto [inside, below] = at(sign * 0.5 * (1 - 1e-12));
    const auto [outside, above] = at(sign * 0.5 * (1 + 1e-12));
    EXPECT_NEAR(inside, outside, 1e-12);
    EXPECT_NEAR(below[0], above[0], 1e-12);
    EXPECT_NEAR(below[0], sign * 0.5, 1e-12);
    EXPECT_EQ(at(sign * 100).value(), 0.5 * (100 - 0.25));
  }
  EXPECT_EQ(refusal_of([] { huber(Vector{1.0}, 0.0, {.delta = 0}); }),
            "huber: delta: want a number > 0, got 0");
  EXPECT_THROW(huber(Vector{1.0}, 0.0, {.delta = nan}), std::invalid_argument);
}

TEST(AbsoluteError, HasTheSlopeZeroWhereItIsZero) {
  const auto g = gradient([](const auto& z) { return absolute_error(z, 1.0); }, Vector{1.0, 2.0, 0.5});
  EXPECT_EQ(g[0], 0.0);
  EXPECT_EQ(g[1], 1.0);
  EXPECT_EQ(g[2], -1.0);
}

TEST(CrossEntropy, HoldsForEveryLogit) {
  for (const double large : {1e3, 1e300}) {
    const Vector x{large, 0.0, -large};
    const auto [value, g] =
        value_and_gradient([](const auto& z) { return logit_cross_entropy(z, std::vector<int>{1}); }, x);
    EXPECT_EQ(value, large);
    EXPECT_EQ(g[0], 1.0);
    EXPECT_EQ(g[1], -1.0);
    EXPECT_EQ(g[2], 0.0);
    EXPECT_EQ(logit_cross_entropy(x, std::vector<int>{0}), 0.0);
    const Vector sides{large, -large};
    const auto [binary, b] = value_and_gradient(
        [](const auto& z) {
          return logit_binary_cross_entropy(z, Vector{0.0, 1.0});
        },
        sides);
    EXPECT_EQ(binary, large);
    EXPECT_EQ(b[0], 0.5);
    EXPECT_EQ(b[1], -0.5);
  }
  const Vector float_sides{100.0f, -100.0f};
  EXPECT_EQ(logit_binary_cross_entropy(float_sides, 1.0f), 50.0f);
}

TEST(CrossEntropy, OfCertaintyIsZeroOrInfinite) {
  const Vector x{0.0, 1.0};
  EXPECT_EQ(cross_entropy(x, Vector{0.0, 1.0}), 0.0);
  EXPECT_EQ(cross_entropy(x, Vector{1.0, 0.0}), infinity);
  EXPECT_EQ(binary_cross_entropy(x, Vector{0.0, 1.0}), 0.0);
  EXPECT_EQ(binary_cross_entropy(x, Vector{1.0, 1.0}), infinity);
  const auto g = gradient([](const auto& z) { return cross_entropy(z, Vector{0.0, 1.0}); }, x);
  EXPECT_EQ(g[0], 0.0);
  EXPECT_EQ(g[1], -1.0);
  const auto b = gradient([](const auto& z) { return binary_cross_entropy(z, Vector{0.0, 1.0}); }, x);
  EXPECT_EQ(b[0], 0.5);
  EXPECT_EQ(b[1], -0.5);
}

TEST(CrossEntropy, TakesClasses) {
  const Matrix<double> logits{{1.0, 0.1}, {-2.0, 3.0}, {0.5, -1.0}}, target{{0, 1}, {0, 0}, {1, 0}};
  EXPECT_EQ(logit_cross_entropy(logits, std::vector<int>{2, 0}), logit_cross_entropy(logits, target));
  EXPECT_EQ(logit_cross_entropy(logits, std::vector<std::size_t>{2, 0}, {.weights = {1.0, 3.0}}),
            logit_cross_entropy(logits, target, {.weights = {1.0, 3.0}}));
  EXPECT_EQ(refusal_of([&] { logit_cross_entropy(logits, std::vector<int>{2}); }),
            "logit_cross_entropy: target: want 2 classes, got 1");
  EXPECT_EQ(refusal_of([&] {
              logit_cross_entropy(logits, std::vector<int>{2, 3});
            }),
            "logit_cross_entropy: target: want classes from 0 to 2, got 3");
  EXPECT_THROW(logit_cross_entropy(logits, std::vector<int>{2, -1}), std::invalid_argument);
}

TEST(Likelihood, FindsTheStandardDeviation) {
  // at the maximum of the likelihood, σ² is the mean square of the residuals
  const Vector x{1.0, 2.0, 3.0, 4.0}, y{1.3, 1.6, 3.2, 3.9};
  const double sigma = std::sqrt(mean_squared_error(x, y));
  const auto by_sigma = [&](const auto& s) { return normal_nll(x, y, s[0]); };
  EXPECT_NEAR(gradient(by_sigma, Vector{sigma})[0], 0.0, 1e-13);
  const double up = by_sigma(Vector{0.5 + 1e-6}), down = by_sigma(Vector{0.5 - 1e-6});
  EXPECT_NEAR(gradient(by_sigma, Vector{0.5})[0], (up - down) / 2e-6, 1e-8);
  // one per component, differentiated, beside a model that is too
  const Matrix<double> table{{1.3, 1.6}, {3.2, 3.9}};
  const auto both = [&](const auto& q) {
    Matrix<scalar_of<decltype(q)>> model{{q[0], 2.0 * q[0]}, {q[1], q[1] * q[1]}};
    return log_normal_nll(model, table, Vector{q[2], exp(q[3])}, {.weights = {1.0, 0.5}});
  };
  const Vector at{1.1, 2.1, 0.4, -0.7};
  const auto g = gradient(both, at);
  for (std::size_t i = 0; i < 4; ++i) {
    auto high = at, low = at;
    high[i] += 1e-6, low[i] -= 1e-6;
    EXPECT_NEAR(g[i], (both(high) - both(low)) / 2e-6, 1e-8) << i;
  }
}

TEST(Likelihood, RefusesConstantsThatAreNotPositive) {
  const Vector x{1.0, 2.0}, y{1.3, 1.6};
  EXPECT_EQ(refusal_of([&] { normal_nll(x, y, 0.0); }), "normal_nll: sigma: want numbers > 0, got 0");
  EXPECT_EQ(refusal_of([&] {
              log_normal_nll(x, y, Vector{1.0, -2.0});
            }),
            "log_normal_nll: sigma: want numbers > 0, got -2");
  EXPECT_EQ(refusal_of([&] {
              log_normal_nll(x, Vector{1.0, 0.0}, 1.0);
            }),
            "log_normal_nll: target: want numbers > 0, got 0");
  EXPECT_TRUE(std::isnan(log_normal_nll(Vector{-1.0, 2.0}, y, 1.0)));
  EXPECT_FALSE(std::isfinite(
      value_and_gradient([&](const auto& s) { return normal_nll(x, y, s[0]); }, Vector{-1.0}).value()));
}

TEST(Losses, OfAFailedSolveAreInfinite) {
  const SolveOptions few{.max_steps = 3, .saveat = 0.5};
  const auto losses = [&](const auto& q) {
    const auto s = solved(q, few);
    const std::vector<double> ones(10, 1.0);
    return Vector{mean_squared_error(s, 1.0),   absolute_error(s, ones),      huber(s, 1.0),
                  normal_nll(s, ones, 0.5),     log_normal_nll(s, ones, 0.5), logit_cross_entropy(s, ones),
                  binary_cross_entropy(s, ones)};
  };
  for (std::size_t k = 0; k < 7; ++k) {
    EXPECT_EQ(losses(p)[k], infinity) << k;
    const auto result = value_and_gradient([&](const auto& q) { return losses(q)[k]; }, p);
    EXPECT_EQ(result.value(), infinity) << k;
    EXPECT_EQ(result.status(), Status::max_steps_reached);
    for (std::size_t i = 0; i < 3; ++i) EXPECT_EQ(std::get<1>(result)[i], 0.0);
  }
}

TEST(Losses, WithZeroCotangentDoNotSpreadInfiniteSlopes) {
  // the likelihood has no slope at a model of zero, and nothing asks for it
  const auto g = gradient(
      [](const auto& z) { return 0.0 * log_normal_nll(z, Vector{1.0}, 1.0) + 3.0 * z[0]; }, Vector{0.0});
  EXPECT_EQ(g[0], 3.0);
}

}  // namespace costate
