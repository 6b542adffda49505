#include <costate/ad/gradient.hpp>
#include <costate/losses/reductions.hpp>
#include <costate/methods/tsit5.hpp>
#include <costate/neural/neural_ode.hpp>
#include <costate/nn/chain.hpp>
#include <costate/nn/split.hpp>
#include <costate/sensitivity/discrete_adjoint.hpp>
#include <costate/solve/solve.hpp>

#include <cstddef>
#include <cstdlib>
#include <gtest/gtest.h>
#include <new>
#include <string_view>
#include <vector>

namespace {

thread_local std::size_t allocations = 0;

void* take(std::size_t bytes, std::size_t alignment) {
  ++allocations;
  const std::size_t rounded = (bytes + alignment - 1) / alignment * alignment;
  void* block = std::aligned_alloc(alignment, rounded == 0 ? alignment : rounded);
  if (!block) throw std::bad_alloc();
  return block;
}

}  // namespace

// Every request for memory of this program comes through here; the library calls no malloc of its own. Not
// inlined, since a compiler that sees through only one of a pair warns.
[[gnu::noinline]] void* operator new(std::size_t bytes) {
  return take(bytes, alignof(std::max_align_t));
}
[[gnu::noinline]] void* operator new(std::size_t bytes, std::align_val_t alignment) {
  return take(bytes, static_cast<std::size_t>(alignment));
}
[[gnu::noinline]] void operator delete(void* block) noexcept {
  std::free(block);
}
[[gnu::noinline]] void operator delete(void* block, std::size_t) noexcept {
  std::free(block);
}
[[gnu::noinline]] void operator delete(void* block, std::align_val_t) noexcept {
  std::free(block);
}
[[gnu::noinline]] void operator delete(void* block, std::size_t, std::align_val_t) noexcept {
  std::free(block);
}

namespace costate {
namespace {

/// `run(steps)` is called with many steps until buffers have grown; after that no number of steps asks for
/// memory.
template <class Run>
void expect_none(const Run& run) {
  run(1000.0);
  run(1000.0);
  const auto count = [&](double steps) {
    const std::size_t before = allocations;
    run(steps);
    return allocations - before;
  };
  const std::size_t few = count(100.0), many = count(1000.0);
  EXPECT_EQ(few, many) << "a step allocates";
  EXPECT_EQ(few, 0u) << "a solve allocates";
}

SolveOptions every(double steps) {
  return {.dt = 1.0 / steps, .adaptive = false};
}
SolveOptions five(double steps) {
  return {.dt = 1.0 / steps, .adaptive = false, .saveat = {0.2, 0.4, 0.6, 0.8, 1.0}, .dense = false};
}

const auto lotka_volterra = [](auto& du, const auto& u, const auto& p, auto /*t*/) {
  du[0] = p[0] * u[0] - p[1] * u[0] * u[1];
  du[1] = -p[2] * u[1] + p[3] * u[0] * u[1];
};
const ODEProblem fixed(lotka_volterra, {1.0, 1.0}, {0.0, 1.0}, {1.5, 1.0, 3.0, 1.0});
const ODEProblem run_time(lotka_volterra, std::vector{1.0, 1.0}, {0.0, 1.0}, std::vector{1.5, 1.0, 3.0, 1.0});

TEST(Allocation, TheCounterCounts) {
  const std::size_t before = allocations;
  ::operator delete(::operator new(100));  // called by name, since a new-expression may be left out
  EXPECT_EQ(allocations, before + 1);
  { const Vector<double> first(1 << 20); }
  const std::size_t after = allocations;
  EXPECT_GT(after, before + 1);
  { const Vector<double> second(1 << 20); }
  EXPECT_EQ(allocations, after);
}

TEST(Allocation, NoneInASolveOfKnownSizes) {
  expect_none([](double steps) { EXPECT_GE(solve(fixed, Tsit5{}, every(steps)).statistics().steps, steps); });
  expect_none([](double steps) { EXPECT_TRUE(solve(fixed, Tsit5{}, five(steps)).successful()); });
}

TEST(Allocation, NoneInASolveOfRunTimeSizes) {
  expect_none([](double steps) { EXPECT_TRUE(solve(run_time, Tsit5{}, every(steps)).successful()); });
  expect_none([](double steps) { EXPECT_TRUE(solve(run_time, Tsit5{}, five(steps)).successful()); });
}

TEST(Allocation, NoneInASolveOfALargeState) {
  const ODEProblem large(
      [](auto& du, const auto& u, const auto& /*p*/, auto /*t*/) {
        for (std::size_t i = 0; i < u.size(); ++i) du[i] = -u[i];
      },
      Vector<double>(5000), {0.0, 1.0});
  expect_none([&](double steps) { EXPECT_TRUE(solve(large, Tsit5{}, five(steps)).successful()); });
  expect_none([&](double steps) {
    SolveOptions ends = five(steps);
    ends.saveat = {}, ends.save_everystep = false;
    EXPECT_TRUE(solve(large, Tsit5{}, ends).successful());
  });
}

TEST(Allocation, NoneWhereTheStepIsControlled) {
  expect_none([](double steps) {
    const double tolerance = steps > 500 ? 1e-10 : 1e-4;
    EXPECT_TRUE(solve(fixed, Tsit5{}, {.abstol = {tolerance, tolerance}, .reltol = tolerance, .tstops = {}})
                    .successful());
  });
}

template <class Problem>
void expect_none_in_gradient(const Problem& problem, std::string_view route,
                             const DiscreteAdjoint& sensitivity = {}) {
  std::string_view used;
  expect_none([&](double steps) {
    const auto [value, g] = value_and_gradient(
        [&](const auto& p) {
          const auto solution = solve(problem.with_p(p), Tsit5{}, five(steps), sensitivity);
          used = solution.statistics().vjp_route;
          return squared_error(solution, 0.5);
        },
        problem.p());
    EXPECT_NE(g[0], 0);
  });
  EXPECT_EQ(used, route);
}

TEST(Allocation, NoneInAGradientByDuals) {
  expect_none_in_gradient(fixed, "dual numbers");
  expect_none_in_gradient(fixed, "dual numbers", {.checkpoints = 4});
  expect_none_in_gradient(run_time, "dual numbers");
  expect_none_in_gradient(run_time, "dual numbers", {.checkpoints = 4});
}

TEST(Allocation, NoneInAGradientByTheTape) {
  const ODEProblem problem(lotka_volterra, {1.0, 1.0}, {0.0, 1.0}, std::vector{1.5, 1.0, 3.0, 1.0});
  expect_none_in_gradient(problem, "tape");
  expect_none_in_gradient(problem, "tape", {.checkpoints = 4});
}

TEST(Allocation, NoneWhereTheInterpolantIsRead) {
  expect_none([](double steps) {
    value_and_gradient(
        [&](const auto& p) {
          const auto solution = solve(fixed.with_p(p), Tsit5{}, every(steps));
          return solution(0.35)[0] + solution.back()[1];
        },
        fixed.p());
  });
}

const Chain net{[](auto x) { return x * x * x; }, Dense<2, 10, activation::tanh>{}, Dense<10, 2>{}};
const Chain run_time_net{Dense{2, 10, activation::tanh}, Dense{10, 2}};

TEST(Allocation, NoneInANeuralODE) {
  const auto p = net.initial_parameters<float>(1);
  expect_none([&](double steps) {
    const NeuralODE node(net, {0.0, 1.0}, Tsit5{}, five(steps));
    EXPECT_TRUE(node({2.0f, 0.0f}, p).successful());
    const auto [value, g] = value_and_gradient(
        [&](const auto& q) {
          return squared_error(node({2.0f, 0.0f}, q), 0.5f);
        },
        p);
    EXPECT_NE(g[0], 0);
  });
}

TEST(Allocation, NoneWhereANetworkOfRunTimeSizeIsPartOfARightHandSide) {
  const auto f = [](const auto& u, const auto& p, auto /*t*/) {
    const auto [weights, rate] = split(p, run_time_net, 1);
    return run_time_net(u, weights) -
           rate[0] * u;  // vectors of run-time size, made and dropped in every stage
  };
  const ODEProblem problem(f, std::vector{2.0, 0.0}, {0.0, 1.0},
                           concatenate(run_time_net.initial_parameters<double>(1), {0.1}));
  expect_none([&](double steps) { EXPECT_TRUE(solve(problem, Tsit5{}, five(steps)).successful()); });
  expect_none_in_gradient(problem, "tape");
}

template <class Loss>
void expect_none_in_batch(const Loss& loss, const Vector<double>& p) {
  expect_none([&](double steps) {
    const auto [value, g] = value_and_gradient([&](const auto& q) { return loss(q, steps); }, p);
    EXPECT_NE(g[0], 0);
  });
}

TEST(Allocation, NoneInAGradientOfABatch) {
  const Chain network{[](auto x) { return x * x * x; }, Dense<2, 8, activation::tanh>{}, Dense<8, 2>{}};
  Matrix<double> starts(2, 65);
  for (std::size_t k = 0; k < starts.size(); ++k) starts.data()[k] = 0.01 * double(k);
  const auto p = network.initial_parameters<double>(1);
  expect_none_in_batch(
      [&](const auto& q, double steps) {
        return squared_error(NeuralODE(network, {0.0, 1.0}, Tsit5{}, five(steps))(starts, q), 0.5);
      },
      p);
  expect_none_in_batch(
      [&](const auto& q, double steps) {
        const auto f = [&](const auto& u, const auto& parameters, auto /*t*/) {
          return network(u, parameters);
        };
        return squared_error(solve(ODEProblem(f, starts, {0.0, 1.0}, q), Tsit5{}, five(steps)), 0.5);
      },
      p);
}

}  // namespace
}  // namespace costate
