#include <costate/ad/jacobian.hpp>
#include <costate/methods/taylor.hpp>
#include <costate/sensitivity/check_gradient.hpp>
#include <costate/sensitivity/discrete_adjoint.hpp>
#include <costate/solve/solve.hpp>

#include <cmath>
#include <contracts/random_reads.hpp>
#include <gtest/gtest.h>
#include <vector>

namespace costate {
namespace {

// Every operation, so that every recurrence is pulled back.
constexpr auto everything = [](auto& du, const auto& u, const auto& p, const auto& t) {
  const auto x = u[0] * costate::exp(-0.2 * t) - p[0] * u[1];
  const auto y = 1.5 + costate::sin(p[1] * u[0]) * costate::cos(u[1]);
  const auto z = costate::tanh(x) / y + costate::log(y) - costate::sqrt(y + p[2] * p[2]);
  du[0] = -0.6 * u[0] + 0.3 * z + costate::atan(p[2] * x) * costate::pow(y, p[0]) - costate::abs(u[1]) / 7.0;
  du[1] = 2.0 / y - u[1] * u[1] + 0.1 * costate::sinh(0.3 * x) * costate::cosh(u[0]) +
          costate::erf(x) * costate::pow(y, -0.5) - costate::tan(0.2 * x) + costate::expm1(-u[1]);
  du[2] = costate::log1p(u[2] * u[2]) * costate::cbrt(y) + costate::asin(0.3 * costate::sin(u[2])) -
          p[1] * u[2] + costate::acos(0.2 * costate::cos(t)) * costate::pow(u[0], 3) +
          costate::hypot(u[0], u[1]);
  for (std::size_t i = 0; i < 3; ++i) du[i] = 0.25 * du[i];
};
using Everything = std::remove_const_t<decltype(everything)>;
static_assert(detail::CompilesToSeries<Everything, 3, 3>);

SolveOptions options(bool many_steps, bool dense, bool backwards) {
  SolveOptions result{.abstol = 1e-8, .reltol = 1e-8, .saveat = {0.3, 0.31, 1.9}, .dense = dense};
  if (backwards) result.saveat = {1.9, 0.31, 0.3};
  if (!many_steps) result.adaptive = false, result.dt = 0.25;
  return result;
}

/// The recorded series, by sizes known at run time, or the compiled one.
template <class F, bool at_run_time>
auto loss_of(const F& f, const SolveOptions& solve_options, bool backwards, int order) {
  const auto read = [=](const auto& solution, const auto& reads) {
    EXPECT_TRUE(solution.successful());
    return random_reads(solution, reads);
  };
  return [=](const auto& x) {
    const TimeSpan<double> span = backwards ? TimeSpan{2.0, 0.0} : TimeSpan{0.0, 2.0};
    const std::vector<double> reads =
        solve_options.dense ? std::vector{0.0, 0.29, 1.2, 2.0} : std::vector<double>{};
    const Vector u0{x[0], x[1], x[2]};
    const Vector p{x[3], x[4], x[5]};
    using T = scalar_of<decltype(u0)>;
    if constexpr (at_run_time)
      return read(solve(ODEProblem(f, Vector<T>(u0), span, Vector<T>(p)), Taylor{order}, solve_options),
                  reads);
    else
      return read(solve(ODEProblem(f, u0, span, p), Taylor{order}, solve_options), reads);
  };
}
const Vector at{0.9, 0.5, 0.7, 1.1, 0.8, 0.6};

template <bool at_run_time>
void expect_three_routes() {
  for (const bool backwards : {false, true}) {
    for (const bool many_steps : {true, false}) {
      for (const bool dense : {true, false}) {
        SCOPED_TRACE(testing::Message()
                     << "backwards " << backwards << ", many steps " << many_steps << ", dense " << dense);
        const auto loss =
            loss_of<Everything, at_run_time>(everything, options(many_steps, dense, backwards), backwards, 9);
        const auto comparison = check_gradient(loss, at);
        EXPECT_LT(relative_difference(comparison.reverse, comparison.forward), 1e-11);
        EXPECT_LT(relative_difference(comparison.reverse, comparison.finite_difference), 1e-7);
      }
    }
  }
}
TEST(TaylorGradient, AgreesByThreeRoutesWrittenOut) {
  expect_three_routes<false>();
}
TEST(TaylorGradient, AgreesByThreeRoutesRecorded) {
  expect_three_routes<true>();
}

TEST(TaylorGradient, HasTheSameBitsForAnyNumberOfCheckpoints) {
  const auto gradient_with = [](DiscreteAdjoint sensitivity) {
    const auto loss = [=](const auto& p) {
      const ODEProblem problem(DrivenPredatorPrey{}, {0.9, 1.2}, {0.0, 6.0}, p);
      return random_reads(
          solve(problem, Taylor{.order = 6}, {.abstol = 1e-8, .reltol = 1e-8, .saveat = 0.3}, sensitivity),
          {});
    };
    return value_and_gradient(loss, Vector{1.1, 0.8, 1.7});
  };
  const auto [value, all] = gradient_with(DiscreteAdjoint{});
  for (const std::size_t checkpoints : {1u, 3u, 7u}) {
    const auto [again, few] = gradient_with(DiscreteAdjoint{.checkpoints = checkpoints});
    EXPECT_EQ(value, again);
    for (std::size_t i = 0; i < 3; ++i) EXPECT_EQ(all[i], few[i]) << checkpoints;
  }
}

// the first and the last step absorb the motion of the ends
TEST(TaylorGradient, DifferentiatesByTheEndsOfTheSpan) {
  for (const SaveAt& saveat : {SaveAt{}, SaveAt(0.4), SaveAt{0.3, 1.1, 2.6}}) {
    const auto loss = [&](const auto& ends) {
      const ODEProblem problem(DrivenPredatorPrey{}, Vector{0.9, 1.2}, TimeSpan{ends[0], ends[1]},
                               Vector{1.1, 0.8, 1.7});
      return random_reads(
          solve(problem, Taylor{.order = 10}, {.abstol = 1e-9, .reltol = 1e-9, .saveat = saveat}),
          {0.9, 1.7});
    };
    const auto comparison = check_gradient(loss, Vector{0.2, 2.7});
    EXPECT_LT(relative_difference(comparison.reverse, comparison.forward), 1e-11);
    EXPECT_LT(relative_difference(comparison.reverse, comparison.finite_difference), 1e-6);
  }
}

// an exponent that happens to be a whole number is still differentiated by
TEST(TaylorGradient, DifferentiatesByAnExponent) {
  const auto power = [](auto& du, const auto& u, const auto& p, const auto&) {
    du[0] = -costate::pow(u[0], p[0]) + p[1] * costate::pow(p[1], u[0]);
  };
  const auto loss = [&](const auto& x) {
    using T = scalar_of<decltype(x)>;
    const ODEProblem problem(power, Vector{x[0]}, {0.0, 1.0}, Vector{x[1], x[2]});
    const ODEProblem at_run_time(power, Vector<T>{x[0]}, {0.0, 1.0}, Vector<T>{x[1], x[2]});
    const SolveOptions tight{.abstol = 1e-10, .reltol = 1e-10};
    return solve(problem, Taylor{}, tight).back()[0] + 0.3 * solve(at_run_time, Taylor{}, tight).back()[0];
  };
  const auto comparison = check_gradient(loss, Vector{0.8, 2.0, 1.3});
  EXPECT_LT(relative_difference(comparison.reverse, comparison.forward), 1e-12);
  EXPECT_LT(relative_difference(comparison.reverse, comparison.finite_difference), 1e-7);
}

TEST(TaylorGradient, BecomesExactWithTheTolerance) {
  // the slope of u(t) = u0 exp(p t) by both
  const auto growth = [](auto& du, const auto& u, const auto& p, const auto&) { du[0] = p[0] * u[0]; };
  const auto loss = [&](const auto& x) {
    return solve(ODEProblem(growth, Vector{x[0]}, {0.0, 3.0}, Vector{x[1]}), Taylor{},
                 {.abstol = 1e-14, .reltol = 1e-14})
        .back()[0];
  };
  const auto [value, slope] = value_and_gradient(loss, Vector{0.7, 0.9});
  EXPECT_NEAR(value, 0.7 * std::exp(2.7), 1e-13 * value);
  EXPECT_NEAR(slope[0], std::exp(2.7), 1e-12);
  EXPECT_NEAR(slope[1], 0.7 * 3 * std::exp(2.7), 1e-12 * slope[1]);
}

}  // namespace
}  // namespace costate
