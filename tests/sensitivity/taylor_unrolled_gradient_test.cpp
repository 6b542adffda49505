#include <costate/ad/gradient.hpp>
#include <costate/methods/taylor.hpp>
#include <costate/sensitivity/discrete_adjoint.hpp>
#include <costate/solve/solve.hpp>

#include <cmath>
#include <contracts/random_reads.hpp>
#include <gtest/gtest.h>
#include <limits>
#include <string>
#include <type_traits>

namespace costate {
namespace {

// Short enough that every order is written out, together with every kind of sum over orders.
constexpr auto quotients_and_powers = [](auto& du, const auto& u, const auto& p, const auto& t) {
  const auto y = 1.5 + u[1] * u[1];
  du[0] = costate::pow(y, p[0]) - t * u[0];
  du[1] = u[0] / y - 0.2 * costate::sqrt(y);
};
constexpr auto functions = [](auto& du, const auto& u, const auto& p, const auto&) {
  du[0] = p[1] * costate::exp(-u[1]);
  du[1] = -p[0] * costate::atan(u[0]);
};

template <class F>
void expect_gradient_of_differences(const F& f) {
  static_assert(detail::CompilesToSeries<F, 2, 2>);
  static_assert(detail::compile_series<F, 2, 2>().sums <= detail::unrolled_sums);
  // the last one has orders beyond those that are written out
  for (const int order : {2, 5, 12, 20, 24}) {
    SCOPED_TRACE(order);
    const auto loss = [&](const auto& x) {
      const ODEProblem problem(f, Vector{x[0], x[1]}, {0.0, 1.5}, Vector{x[2], x[3]});
      SolveOptions options{.saveat = {0.2, 0.21, 1.3}};
      options.adaptive = false, options.dt = 0.25;
      return random_reads(solve(problem, Taylor{.order = order}, options), {0.1, 0.7});
    };
    const Vector at{0.9, 0.6, 1.1, 0.8};
    const auto reverse = gradient(loss, at);
    for (std::size_t i = 0; i < 4; ++i) {
      const auto difference = [&](double h) {
        Vector up = at, down = at;
        up[i] += h, down[i] -= h;
        return (loss(up) - loss(down)) / (2 * h);
      };
      // Richardson's extrapolation of central differences
      const double expected = (4 * difference(5e-4) - difference(1e-3)) / 3;
      EXPECT_NEAR(reverse[i], expected, 1e-9 * (1 + std::abs(expected))) << "entry " << i;
    }
  }
}
TEST(TaylorUnrolledGradient, IsThatOfDifferencesForQuotientsAndPowers) {
  expect_gradient_of_differences(quotients_and_powers);
}
TEST(TaylorUnrolledGradient, IsThatOfDifferencesForFunctions) {
  expect_gradient_of_differences(functions);
}

/// Leaves numbers that nobody may read where the sweep is going to work.
[[gnu::noinline]] void fill_stack() {
  volatile double numbers[20000];
  for (volatile double& x : numbers) x = std::numeric_limits<double>::quiet_NaN();
}

TEST(TaylorUnrolledGradient, IsThatOfTheRecordedSeriesAtEveryOrderInBothDirections) {
  const auto predator_and_prey = [](auto& du, const auto& u, const auto& p, const auto&) {
    const auto meetings = u[0] * u[1];
    du[0] = p[0] * u[0] - p[1] * meetings;
    du[1] = p[3] * meetings - p[2] * u[1];
  };
  static_assert(detail::CompilesToSeries<std::remove_const_t<decltype(predator_and_prey)>, 2, 4>);
  const auto recorded = [one = 1.0, &predator_and_prey](auto& du, const auto& u, const auto& p,
                                                        const auto& t) {
    predator_and_prey(du, u, p, t);
    du[0] = one * du[0];
  };
  for (int order = 2; order <= 40; ++order)
    for (const double end : {1.7, -1.7}) {
      SCOPED_TRACE(std::to_string(order) + " to " + std::to_string(end));
      const auto gradient_with = [&](const auto& f) {
        return gradient(
            [&](const auto& x) {
              const ODEProblem problem(f, Vector{x[0], x[1]}, {0.0, end}, Vector{x[2], x[3], x[4], x[5]});
              SolveOptions options{.saveat = {0.1 * end, end}};
              options.adaptive = false, options.dt = 0.4;
              const auto loss =
                  random_reads(solve(problem, Taylor{.order = order}, options), {0.3 * end, 0.7 * end});
              fill_stack();
              return loss;
            },
            Vector{1.0, 1.2, 1.5, 1.0, 3.0, 0.9});
      };
      const auto got = gradient_with(predator_and_prey), right = gradient_with(recorded);
      for (std::size_t i = 0; i < 6; ++i) EXPECT_NEAR(got[i], right[i], 1e-12 * (1 + std::abs(right[i])));
    }
}

}  // namespace
}  // namespace costate
