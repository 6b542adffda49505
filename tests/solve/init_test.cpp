#include <costate/methods/vern7.hpp>
#include <costate/solve/init.hpp>
#include <costate/solve/solve.hpp>

#include <cmath>
#include <gtest/gtest.h>
#include <stdexcept>

namespace costate {
namespace {

constexpr auto lotka_volterra = [](auto& du, const auto& u, const auto& p, auto) {
  du[0] = p[0] * u[0] - p[1] * u[0] * u[1];
  du[1] = -p[2] * u[1] + p[3] * u[0] * u[1];
};
const ODEProblem problem(lotka_volterra, {1.0, 1.0}, {0.0, 10.0}, {1.5, 1.0, 3.0, 1.0});

template <class Method>
class Init : public testing::Test {};
using Methods = testing::Types<Tsit5, Vern7>;
TYPED_TEST_SUITE(Init, Methods);

TYPED_TEST(Init, MakesTheStepsOfSolve) {
  const SolveOptions options{.abstol = 1e-7, .reltol = 1e-7, .tstops = {2.5}};
  const auto solution = solve(problem, TypeParam{}, options);
  auto integrator = init(problem, TypeParam{}, options);
  std::size_t steps = 0;
  while (integrator.step()) {
    ++steps;
    ASSERT_LT(steps, solution.size());
    EXPECT_EQ(integrator.t(), solution.t()[steps]);
    // the same formula, inlined at another place: equal up to contraction
    EXPECT_NEAR(integrator.u()[0], solution[steps][0], 1e-12);
  }
  EXPECT_EQ(steps + 1, solution.size());
  EXPECT_TRUE(integrator.at_end());
  EXPECT_EQ(integrator.status(), Status::success);
}

TYPED_TEST(Init, IsAValueThatCanBeCopiedKeptAndRestored) {
  auto integrator = init(problem, TypeParam{}, {.abstol = 1e-7, .reltol = 1e-7});
  for (int i = 0; i < 5; ++i) integrator.step();
  const auto kept = integrator;
  while (integrator.step()) {
  }
  const double end = integrator.u()[0];
  EXPECT_LT(kept.t(), 10.0);
  integrator = kept;
  EXPECT_EQ(integrator.t(), kept.t());
  while (integrator.step()) {
  }
  EXPECT_EQ(integrator.u()[0], end);
  EXPECT_EQ(kept.steps(), 5u);
}

TYPED_TEST(Init, ReadsTheLastStepAndRefusesOtherTimes) {
  auto integrator = init(problem, TypeParam{}, {.abstol = 1e-9, .reltol = 1e-9});
  EXPECT_EQ(integrator(0.0)[0], 1.0);
  for (int i = 0; i < 9; ++i) integrator.step();
  const double middle = 0.5 * (integrator.previous_t() + integrator.t());
  const auto exact =
      solve(problem.with_tspan({0.0, middle}), TypeParam{}, {.abstol = 1e-11, .reltol = 1e-11}).back();
  EXPECT_NEAR(integrator(middle)[0], exact[0], 1e-7);
  EXPECT_NEAR(integrator(integrator.t())[1], integrator.u()[1], 1e-12);
  EXPECT_THROW(integrator(integrator.t() + 1), std::invalid_argument);
}

TYPED_TEST(Init, GoesOnFromAStateSetFromOutside) {
  auto integrator = init(problem, TypeParam{}, {.abstol = 1e-10, .reltol = 1e-10, .tstops = {2.03}});
  while (integrator.t() < 2.03) ASSERT_TRUE(integrator.step());
  ASSERT_EQ(integrator.t(), 2.03);
  const Vector dosed{integrator.u()[0] + 2, integrator.u()[1]};
  integrator.set_u(dosed);
  while (integrator.step()) {
  }
  const auto rest =
      solve(problem.with_u0(dosed).with_tspan({2.03, 10.0}), TypeParam{}, {.abstol = 1e-11, .reltol = 1e-11});
  EXPECT_NEAR(integrator.u()[0], rest.back()[0], 1e-7);
  EXPECT_THROW(integrator.set_u(Vector{1.0}), std::invalid_argument);
}

TEST(Init, OutlivesTheProblemItCameFrom) {
  auto make = [] {
    const ODEProblem decay([rate = 2.0](auto& du, const auto& u, const auto&, auto) { du[0] = -rate * u[0]; },
                           std::vector{1.0}, {1.0, 0.0});
    return init(decay, Tsit5{}, {.abstol = 1e-10, .reltol = 1e-10});
  };
  auto integrator = make();
  while (integrator.step()) {
  }
  EXPECT_EQ(integrator.t(), 0.0);
  EXPECT_NEAR(integrator.u()[0], std::exp(2.0), 1e-8);
}

TEST(Init, ReportsFailureAndRefusesNonsense) {
  const ODEProblem blow_up([](auto& du, const auto& u, const auto&, auto) { du[0] = u[0] * u[0]; }, {1.0},
                           {0.0, 2.0});
  auto integrator = init(blow_up, Tsit5{});
  while (integrator.step()) {
  }
  EXPECT_FALSE(integrator.at_end());
  EXPECT_NE(integrator.status(), Status::success);
  EXPECT_THROW(init(blow_up, Tsit5{}, {.reltol = -1.0}), std::invalid_argument);
}

}  // namespace
}  // namespace costate
