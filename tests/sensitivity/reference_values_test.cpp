#include <costate/ad/gradient.hpp>
#include <costate/methods/vern7.hpp>
#include <costate/problems/ode_problem.hpp>
#include <costate/sensitivity/discrete_adjoint.hpp>
#include <costate/solve/solve.hpp>

#include <cmath>
#include <gtest/gtest.h>
#include <vector>

namespace costate {
namespace {

// The values were computed for this project in 80-bit floating point: RK4 with forward dual numbers at two
// fixed step sizes, which agree to 12 digits. The losses are those of SciMLSensitivity.jl's tests. Gradients
// in the order (u0, p).

const auto lotka_volterra = [](auto& du, const auto& u, const auto& p, const auto& /*t*/) {
  du[0] = p[0] * u[0] - p[1] * u[0] * u[1];
  du[1] = -p[2] * u[1] + p[3] * u[0] * u[1];
};
const SolveOptions tight{.abstol = 1e-13, .reltol = 1e-13, .dense = false};

SolveOptions saved_every(double spacing) {
  SolveOptions options = tight;
  options.saveat = spacing;
  return options;
}

/// What a reference is of: weights of u1(10), u2(10), Σ u, Σ (u − 1)², Σ (u − 2)².
struct Loss {
  double first = 0, second = 0, sum = 0, about_one = 0, about_two = 0;

  template <class S>
  auto operator()(const S& solution) const {
    auto total = first * solution.back()[0] + second * solution.back()[1];
    for (std::size_t i = 0; i < solution.size(); ++i)
      for (std::size_t k = 0; k < solution.state_size(); ++k) {
        const auto u = solution[i][k];
        total += sum * u + about_one * (u - 1) * (u - 1) + about_two * (u - 2) * (u - 2);
      }
    return total;
  }
};

void expect_near(double value, double expected, double scale) {
  EXPECT_NEAR(value, expected, 1e-8 * scale);
}

/// Value and gradient, to 1e-8 of the largest.
template <class Result>
void expect_reference(const Result& result, double expected, const std::vector<double>& gradient) {
  expect_near(std::get<0>(result), expected, std::abs(expected));
  double scale = 0;
  for (const double g : gradient) scale = std::fmax(scale, std::abs(g));
  std::size_t next = 0;
  const auto compare = [&](const auto& part) {
    for (std::size_t i = 0; i < part.size() && next < gradient.size(); ++i, ++next)
      expect_near(part[i], gradient[next], scale);
  };
  compare(std::get<1>(result));
  compare(std::get<2>(result));
  EXPECT_EQ(next, gradient.size());
}

auto lotka_volterra_4(const Loss& loss, const SolveOptions& options,
                      const Vector<double, 4>& p = {1.5, 1.0, 3.0, 1.0}) {
  return value_and_gradient(
      [&](const auto& u0, const auto& q) {
        return loss(solve(ODEProblem(lotka_volterra, u0, {0.0, 10.0}, q), Vern7{}, options));
      },
      Vector{1.0, 1.0}, p);
}

/// Lotka–Volterra and the integral of squares (u1² + u2²) + products u1 u2.
struct WithCost {
  double squares, products;
  template <class DU, class U, class P, class Time>
  void operator()(DU& du, const U& u, const P& p, const Time& t) const {
    lotka_volterra(du, u, p, t);
    du[2] = squares * (u[0] * u[0] + u[1] * u[1]) + products * u[0] * u[1];
  }
};

}  // namespace

TEST(LotkaVolterra, StateAtTheEnd) {
  expect_reference(lotka_volterra_4({.first = 1}, tight), 1.02634476757509,
                   {1.96599605472817, 0.18856877707806, 2.16055752356262, 0.18856877707806, 0.563182794168196,
                    0.93965128715308});
  expect_reference(lotka_volterra_4({.second = 1}, tight), 0.909691078136042,
                   {-2.74397915592018, 0.211713489146683, -6.25677051722082, -0.697977588989359,
                    -1.70901768059793, -2.74397915592018});
}

TEST(LotkaVolterra, SumsOverSavedStates) {
  expect_reference(lotka_volterra_4({.about_one = 1}, saved_every(0.1)), 1017.83059846923,
                   {-961.173429479789, -240.418593926374, 52.942988973347, -786.153671436633,
                    880.251883387149, -2948.62767698707});
  expect_reference(lotka_volterra_4({.sum = 1}, saved_every(0.1)), 450.764064039539,
                   {-39.1275412226682, -8.7877802189927, 8.30536266231656, -159.484292715139,
                    75.2035082137728, -339.195092766061});
  expect_reference(lotka_volterra_4({.about_one = 0.5}, saved_every(0.5)), 102.042108621167,
                   {-87.9487749499228, -22.4884143605503, 25.500637231792, -77.2550774152539,
                    93.5321275643256, -286.994086866423});
}

TEST(LotkaVolterra, ThreeParameters) {
  const auto fixed_growth = [](auto& du, const auto& u, const auto& p, const auto& /*t*/) {
    du[0] = p[0] * u[0] - p[1] * u[0] * u[1];
    du[1] = -p[2] * u[1] + u[0] * u[1];
  };
  const auto of = [&](const Loss& loss, const SolveOptions& options) {
    return value_and_gradient(
        [&](const auto& u0, const auto& p) {
          return loss(solve(ODEProblem(fixed_growth, u0, {0.0, 10.0}, p), Vern7{}, options));
        },
        Vector{1.0, 1.0}, Vector{1.5, 1.0, 3.0});
  };
  expect_reference(
      of({.about_one = 0.5}, saved_every(0.5)), 102.042108621167,
      {-87.9487749499228, -22.4884143605503, 25.500637231792, -77.2550774152539, 93.5321275643256});
  expect_reference(
      of({.about_two = 0.5}, saved_every(0.5)), 73.3143508922967,
      {-80.2816659548106, -21.3162355508602, 25.4181013936345, -45.1760467230125, 78.9516611255392});
}

TEST(LotkaVolterra, TrainingExampleOfTheAncestor) {
  const auto result = lotka_volterra_4({.about_one = 1}, saved_every(0.1), {2.2, 1.0, 2.0, 0.4});
  expect_near(std::get<0>(result), 4937.29047526704, 4937);
  const auto& dp = std::get<2>(result);
  expect_near(dp[0], 601.345363754595, 30428);
  expect_near(dp[1], -3491.26113668509, 30428);
  expect_near(dp[2], 4808.88725654757, 30428);
  expect_near(dp[3], -30427.9863405505, 30428);
}

// an integral over the span is a state more
TEST(LotkaVolterra, IntegralsOverTheSpan) {
  const auto of = [&](const WithCost& f) {
    return value_and_gradient(
        [&](const auto& u0, const auto& p) {
          return solve(ODEProblem(f, Vector{u0[0], u0[1], 0.0}, {0.0, 10.0}, p), Vern7{}, tight).back()[2];
        },
        Vector{1.0, 1.0}, Vector{1.5, 1.0, 3.0, 1.0});
  };
  expect_reference(of({0.5, 1.0}), 130.602187115995,
                   {-57.5003450096075, -14.3121449513715, 21.0514703329906, -101.408243606937,
                    63.1928818522935, -231.608620586032});
  expect_reference(of({0.5, 0.0}), 85.7705072010927,
                   {-52.0097704107939, -12.9726729625907, 3.62353837542989, -55.2370917032541,
                    51.5740834030593, -181.286366072316});
}

// Errors grow by exp(0.9 t) here: 1e-13 at the start is 1e-9 at t = 10.
TEST(Lorenz, SumsOverSavedStates) {
  const auto lorenz = [](auto& du, const auto& u, const auto& p, const auto& /*t*/) {
    du[0] = p[0] * (u[1] - u[0]);
    du[1] = u[0] * (p[1] - u[2]) - u[1];
    du[2] = u[0] * u[1] - p[2] * u[2];
  };
  const Loss loss{.about_two = 0.5};
  double end[3];
  const auto result = value_and_gradient(
      [&](const auto& u0, const auto& p) {
        const auto solution = solve(ODEProblem(lorenz, u0, {0.0, 10.0}, p), Vern7{}, saved_every(0.1));
        for (std::size_t i = 0; i < 3; ++i) end[i] = plain(solution.back()[i]);
        return loss(solution);
      },
      Vector{1.0, 0.0, 0.0}, Vector{10.0, 28.0, 8.0 / 3.0});
  expect_near(end[0], -5.85768538242409, 24);
  expect_near(end[1], -5.8310824864261, 24);
  expect_near(end[2], 23.9321329870276, 24);
  expect_reference(
      result, 42121.2467386673,
      {239.8877080917, 186.0494211183, -165.9987587446, -45.8406708223, 2704.016694925, -355.8076795344});
}

}  // namespace costate
