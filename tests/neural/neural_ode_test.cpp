#include <costate/ad/gradient.hpp>
#include <costate/losses/reductions.hpp>
#include <costate/methods/tsit5.hpp>
#include <costate/neural/neural_ode.hpp>
#include <costate/nn/chain.hpp>
#include <costate/sensitivity/check_gradient.hpp>
#include <costate/sensitivity/discrete_adjoint.hpp>
#include <costate/sensitivity/finite_difference.hpp>
#include <costate/sensitivity/forward_sensitivity.hpp>

#include <cmath>
#include <gtest/gtest.h>
#include <stdexcept>
#include <string>
#include <type_traits>
#include <vector>

namespace costate {
namespace {

const Chain net{[](auto x) { return x * x * x; }, Dense<2, 6, activation::tanh>{}, Dense<6, 2>{}};
const Chain run_time_net{[](auto x) { return x * x * x; }, Dense{2, 6, activation::tanh}, Dense{6, 2}};
const SolveOptions options{.abstol = 1e-8, .reltol = 1e-8, .saveat = {0.0, 0.25, 0.5, 1.0}};
const auto p = net.initial_parameters<double>(3);
const Vector x0{1.2, -0.5};

/// Σ wᵢⱼ uᵢⱼ over the saved states, every weight its own.
template <class S>
auto weighed(const S& solution) {
  auto total = 0.0 * solution[0][0];
  for (std::size_t i = 0; i < solution.size(); ++i)
    for (std::size_t j = 0; j < 2; ++j) total = total + std::sin(1.0 + double(2 * i + j)) * solution[i][j];
  return total;
}
template <class A, class B>
double difference(const A& a, const B& b) {
  double largest = 0;
  EXPECT_EQ(a.size(), b.size());
  for (std::size_t i = 0; i < b.size(); ++i)
    largest = std::fmax(largest, std::abs(double(a[i]) - double(b[i])));
  return largest;
}

TEST(NeuralODE, HasTheParametersOfItsNetwork) {
  const NeuralODE node(net, {0.0, 1.0}, Tsit5{}, options);
  EXPECT_EQ(node.parameter_count(), net.parameter_count());
  EXPECT_EQ(difference(node.initial_parameters<double>(3), p), 0);
  static_assert(std::is_same_v<decltype(node.initial_parameters<float>(3)), Vector<float>>);
  EXPECT_EQ(node.net().parameter_count(), 6u * 3 + 2 * 7);
}

TEST(NeuralODE, IsASolveWithTheNetworkAsItsRightHandSide) {
  const NeuralODE node(net, {0.0, 1.0}, Tsit5{}, options);
  const auto solution = node(x0, p);
  const auto f = [](const auto& u, const auto& q, auto /*t*/) { return net(u, q); };
  const ODEProblem problem(f, x0, {0.0, 1.0}, p);
  const auto by_hand = solve(problem, Tsit5{}, options);
  ASSERT_TRUE(solution.successful());
  ASSERT_EQ(solution.size(), 4u);
  // packed layers sum in another order
  EXPECT_LT(difference(solution.values(), by_hand.values()), 1e-13);

  const auto [value, dx, dp] =
      value_and_gradient([&](const auto& x, const auto& q) { return weighed(node(x, q)); }, x0, p);
  const auto [again, dx2, dp2] = value_and_gradient(
      [&](const auto& x, const auto& q) {
        return weighed(solve(problem.with_u0(x).with_p(q), Tsit5{}, options));
      },
      x0, p);
  EXPECT_NEAR(value, again, 1e-12);
  EXPECT_LT(difference(dx, dx2), 1e-12);
  EXPECT_LT(difference(dp, dp2), 1e-12);

  // one of them alone
  EXPECT_LT(difference(gradient([&](const auto& x) { return weighed(node(x, p)); }, x0), dx), 1e-13);
  EXPECT_LT(difference(gradient([&](const auto& q) { return weighed(node(x0, q)); }, p), dp), 1e-13);
}

TEST(NeuralODE, TakesItsStateAsBracesVectorsAndStdVectors) {
  const NeuralODE node(net, {0.0, 1.0}, Tsit5{}, options);
  const auto values = node(x0, p);
  EXPECT_LT(difference(node({1.2, -0.5}, p).values(), values.values()), 1e-14);
  EXPECT_LT(difference(node(std::vector{1.2, -0.5}, p).values(), values.values()), 1e-14);
  EXPECT_LT(difference(node(x0.view(), std::vector<double>(p.begin(), p.end())).values(), values.values()),
            1e-14);
}

TEST(NeuralODE, GivesTheSameForSizesAtRunTime) {
  const NeuralODE fixed(net, {0.0, 1.0}, Tsit5{}, options);
  const NeuralODE run_time(run_time_net, {0.0, 1.0}, Tsit5{}, options);
  const Vector<double> x(x0);
  EXPECT_LT(difference(run_time(x, p).values(), fixed(x0, p).values()), 1e-14);
  EXPECT_LT(difference(gradient([&](const auto& q) { return weighed(run_time(x, q)); }, p),
                       gradient([&](const auto& q) { return weighed(fixed(x0, q)); }, p)),
            1e-13);
}

TEST(NeuralODE, StaysInSinglePrecision) {
  const NeuralODE node(net, {0.0, 1.0}, Tsit5{},
                       {.abstol = 1e-6, .reltol = 1e-6, .saveat = {0.0, 0.25, 0.5, 1.0}});
  const Vector<float> pf(p);
  const Vector<float, 2> xf(x0);
  const auto solution = node(xf, pf);
  static_assert(std::is_same_v<decltype(solution), const Solution<float, 2>>);
  EXPECT_LT(difference(solution.values(), node(x0, p).values()), 1e-5);
  const auto loss = [&](const auto& x, const auto& q) { return squared_error(node(x, q), 0.5f); };
  const auto [value, dx, dp] = value_and_gradient(loss, x0, p);
  const auto [valuef, dxf, dpf] = value_and_gradient(loss, xf, pf);
  EXPECT_NEAR(valuef, value, 1e-4);
  EXPECT_LT(difference(dxf, dx), 1e-4);
  EXPECT_LT(difference(dpf, dp), 1e-4);
}

template <class Sensitivity>
Vector<double> gradient_by(const Sensitivity& sensitivity) {
  const NeuralODE node(net, {0.0, 1.0}, Tsit5{}, options, sensitivity);
  return gradient([&](const auto& q) { return weighed(node(x0, q)); }, p);
}

TEST(NeuralODE, IsDifferentiatedByTheSensitivityThatItIsGiven) {
  const auto discrete = gradient_by(DiscreteAdjoint{});
  EXPECT_EQ(difference(gradient_by(DiscreteAdjoint{.checkpoints = 3}), discrete), 0);
  EXPECT_LT(difference(gradient_by(ForwardSensitivity{}), discrete), 1e-12);
  EXPECT_LT(difference(gradient_by(FiniteDifference{}), discrete), 1e-7);
}

TEST(NeuralODE, PassesTheComparisonOfAllRoutes) {
  const NeuralODE node(net, {0.0, 1.0}, Tsit5{}, options);
  const auto comparison = check_gradient([&](const auto& q) { return weighed(node(x0, q)); }, p);
  EXPECT_LT(comparison.max_relative_difference, 1e-7);
  EXPECT_LT(comparison.free_mesh_difference, 1e-4);
}

TEST(NeuralODE, RefusesWhatDoesNotFit) {
  const auto what_of = [](const auto& node, const auto& x, const auto& q) -> std::string {
    try {
      node(x, q);
    } catch (const std::invalid_argument& e) {
      return e.what();
    }
    return "accepted";
  };
  const NeuralODE node(run_time_net, {0.0, 1.0}, Tsit5{}, options);
  const Vector<double> x(x0);
  EXPECT_EQ(what_of(node, x, Vector<double>(31)), "layer(x, p): parameters p: want 32 numbers, got 31");
  EXPECT_EQ(what_of(node, Vector<double>(3), p), "Dense: input: want 2 numbers, got 3");
  const Dense uneven{2, 3};
  EXPECT_EQ(what_of(NeuralODE(uneven, {0.0, 1.0}, Tsit5{}, options), x, uneven.initial_parameters(1)),
            "NeuralODE: outputs of the network: want 2 numbers, got 3");
  EXPECT_EQ(what_of(NeuralODE(run_time_net, {0.0, 0.75}, Tsit5{}, options), x, p),
            "SolveOptions.saveat[3]: want within the span [0, 0.75], got 1");
  // inside a gradient as well
  EXPECT_THROW(gradient([&](const auto& q) { return weighed(node(x, q)); }, Vector<double>(31)),
               std::invalid_argument);
}

TEST(NeuralODE, HiddenValuesThatAreKeptAreThoseComputedAgain) {
  std::size_t bytes = 0, evaluations = 0;
  const auto by = [&](DiscreteAdjoint sensitivity) {
    const NeuralODE node(net, {0.0, 1.0}, Tsit5{}, options, sensitivity);
    return gradient(
        [&](const auto& q) {
          const auto solution = node(x0, q);
          bytes = solution.statistics().recorded_bytes;
          evaluations = solution.statistics().rhs_evaluations;
          return weighed(solution);
        },
        p);
  };
  const auto again = by({.checkpoints = 3});
  const std::size_t without = bytes;
  EXPECT_EQ(difference(by({}), again), 0);
  // of each evaluation: the state, the cube with its slopes, hidden values with theirs
  EXPECT_GE(bytes, without + evaluations * (2 + 4 + 12) * sizeof(double));
}

TEST(NeuralODE, SaysWhereItsSolveFails) {
  const Chain explosion{[](auto x) { return x * x; }, Dense<1, 1>{}};
  const NeuralODE node(explosion, {0.0, 1.0}, Tsit5{}, {.max_steps = 500, .saveat = 0.25});
  const Vector q{5.0, 0.0};  // u' = 5 u², infinite at t = 0.2
  const auto solution = node({1.0}, q);
  EXPECT_FALSE(solution.successful());
  ASSERT_EQ(solution.size(), 5u);
  EXPECT_TRUE(std::isnan(solution.back()[0]));
  const auto result =
      value_and_gradient([&](const auto& v) { return squared_error(node({1.0}, v), 0.0); }, q);
  EXPECT_TRUE(std::isinf(result.value()));
  EXPECT_EQ(std::get<1>(result)[0], 0);
  EXPECT_FALSE(is_successful(result.status()));
}

}  // namespace
}  // namespace costate
