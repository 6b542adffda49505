#include <costate/ad/gradient.hpp>
#include <costate/methods/taylor.hpp>
#include <costate/sensitivity/discrete_adjoint.hpp>
#include <costate/solve/solve.hpp>

#include <cmath>
#include <contracts/random_reads.hpp>
#include <gtest/gtest.h>

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

}  // namespace
}  // namespace costate
