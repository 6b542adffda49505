#include <costate/losses/reductions.hpp>
#include <costate/methods/tsit5.hpp>
#include <costate/optimizers/hessian_objective.hpp>
#include <costate/optimizers/krylov_trust_region.hpp>
#include <costate/optimizers/newton.hpp>
#include <costate/problems/ode_problem.hpp>
#include <costate/sensitivity/discrete_adjoint.hpp>
#include <costate/solve/solve.hpp>
#include <costate/training/train_second_order.hpp>

#include <cstdio>
#include <gtest/gtest.h>
#include <string>
#include <tuple>

namespace costate {
namespace {

template <class Optimizer>
class TrainSecondOrder : public testing::Test {};
using Optimizers = testing::Types<Newton, KrylovTrustRegion>;
TYPED_TEST_SUITE(TrainSecondOrder, Optimizers);

TYPED_TEST(TrainSecondOrder, RecoversTheParametersOfLotkaVolterra) {
  const auto lotka_volterra = [](auto& du, const auto& u, const auto& p, auto /*t*/) {
    du[0] = p[0] * u[0] - p[1] * u[0] * u[1];
    du[1] = -p[2] * u[1] + p[3] * u[0] * u[1];
  };
  const ODEProblem problem(lotka_volterra, {1.0, 1.0}, {0.0, 3.0}, {1.5, 1.0, 3.0, 1.0});
  const SolveOptions options{.abstol = 1e-8, .reltol = 1e-8, .saveat = 0.25};
  const auto data = solve(problem, Tsit5{}, options);
  std::size_t shown = 0;
  const auto loss = [&](const auto& p) {
    return std::tuple(squared_error(solve(problem.with_p(p), Tsit5{}, options), data), p[0]);
  };
  const auto result = train(loss, Vector{1.2, 0.8, 2.5, 0.8}, TypeParam{}, {.max_iterations = 50},
                            [&](const auto& p, double, double first) { return ++shown, first != p[0]; });
  EXPECT_LT(result.minimum, 1e-16) << report(result);
  EXPECT_NEAR(result.minimizer[2], 3, 1e-6);
  EXPECT_LT(result.iterations, 25u);
  EXPECT_EQ(shown, result.iterations + 1);
}

TYPED_TEST(TrainSecondOrder, TakesAFailedSolveForOutside) {
  // u' = p u² is infinite before t = 1 where p > 1
  const ODEProblem problem([](auto& du, const auto& u, const auto& p, auto) { du[0] = p[0] * u[0] * u[0]; },
                           {1.0}, {0.0, 1.0}, {0.5});
  const SolveOptions options{.abstol = 1e-8, .reltol = 1e-8, .saveat = 0.1};
  const auto data = solve(problem.with_p(Vector{0.9}), Tsit5{}, options);
  const auto loss = [&](const auto& p) {
    return squared_error(solve(problem.with_p(p), Tsit5{}, options), data);
  };
  EXPECT_NEAR(train(loss, Vector{0.1}, TypeParam{}).minimizer[0], 0.9, 1e-6);
  EXPECT_EQ(train(loss, Vector{1.5}, TypeParam{}).stop_reason, StopReason::not_finite_at_start);
}

TYPED_TEST(TrainSecondOrder, GoesOnFromAFileWithTheSameBits) {
  const auto loss = [](const auto& x) {
    const auto a = x[1] - x[0] * x[0], b = 1.0 - x[0];
    return 100.0 * a * a + b * b;
  };
  const std::string file = testing::TempDir() + "costate_" + TypeParam::name + ".run";
  const auto run = [&](const TrainOptions& options) {
    return train(loss, Vector{-1.2, 1.0}, TypeParam{}, options);
  };
  const auto whole = run({.max_iterations = 14});
  run({.max_iterations = 6, .checkpoint = file});
  const auto resumed = run({.max_iterations = 14, .checkpoint = file, .resume = true});
  std::remove(file.c_str());
  EXPECT_EQ(resumed.history, whole.history);
  EXPECT_EQ(resumed.last[1], whole.last[1]);
}

TYPED_TEST(TrainSecondOrder, RefusesBoundsByName) {
  const auto loss = [](const auto& x) { return x[0] * x[0]; };
  try {
    train(loss, Vector{1.0}, TypeParam{}, {.lower = {0.5}});
    FAIL();
  } catch (const std::invalid_argument& e) {
    EXPECT_NE(std::string(e.what()).find(TypeParam::name), std::string::npos) << e.what();
  }
}

}  // namespace
}  // namespace costate
