#include <costate/ad/gradient.hpp>
#include <costate/methods/tsit5.hpp>
#include <costate/methods/vern9.hpp>
#include <costate/problems/ode_problem.hpp>
#include <costate/sensitivity/discrete_adjoint.hpp>
#include <costate/solve/solve.hpp>

#include <contracts/random_reads.hpp>
#include <gtest/gtest.h>
#include <optional>
#include <vector>

namespace costate {
namespace {

struct Run {
  double value;
  Vector<double, 2> by_u0;
  Vector<double, 3> by_p;
  std::size_t recorded_bytes, steps;
};

template <class Method>
Run run(std::optional<std::size_t> checkpoints, const SolveOptions& options, const std::vector<double>& reads,
        TimeSpan<double> span) {
  std::size_t bytes = 0, steps = 0;
  const auto result = value_and_gradient(
      [&](const auto& u0, const auto& p) {
        const ODEProblem problem(DrivenPredatorPrey{}, u0, span, p);
        const auto solution = solve(problem, Method{}, options, DiscreteAdjoint{.checkpoints = checkpoints});
        bytes = solution.statistics().recorded_bytes;
        steps = solution.statistics().steps;
        return random_reads(solution, reads);
      },
      Vector{0.9, 1.2}, Vector{1.1, 0.8, 1.7});
  return {std::get<0>(result), std::get<1>(result), std::get<2>(result), bytes, steps};
}

template <class Method>
class Checkpoints : public testing::Test {};
using Methods = testing::Types<Tsit5, Vern9>;
TYPED_TEST_SUITE(Checkpoints, Methods);

}  // namespace

// SUNDIALS issue 49: a gradient must not change with the number of checkpoints
TYPED_TEST(Checkpoints, ChangeNoBit) {
  const SolveOptions tight{.abstol = 1e-11, .reltol = 1e-11};
  SolveOptions spacing = tight, list = tight, fixed = tight, no_dense = tight;
  spacing.saveat = 0.07;
  list.saveat = {0.013, 1.7, 4.9};
  fixed.adaptive = false, fixed.dt = 0.11, fixed.saveat = 0.5;
  no_dense.dense = false, no_dense.saveat = 0.07;
  const std::vector<double> reads{0.001, 0.9, 2.222, 2.2221, 4.999};
  struct Case {
    const char* name;
    SolveOptions options;
    std::vector<double> reads;
    TimeSpan<double> span;
  };
  for (const auto& [name, options, at, span] :
       {Case{"every step", tight, reads, {0.0, 5.0}}, Case{"spacing", spacing, reads, {0.0, 5.0}},
        Case{"list", list, reads, {0.0, 5.0}}, Case{"fixed steps", fixed, reads, {0.0, 5.0}},
        Case{"no dense output", no_dense, {}, {0.0, 5.0}}, Case{"backwards", tight, reads, {5.0, 0.0}}}) {
    SCOPED_TRACE(name);
    const Run all = run<TypeParam>({}, options, at, span);
    EXPECT_GT(all.steps, 20u);
    for (const std::size_t checkpoints : {1, 2, 3, 7, 100000}) {
      const Run some = run<TypeParam>(checkpoints, options, at, span);
      EXPECT_EQ(some.value, all.value);
      for (std::size_t i = 0; i < 2; ++i)
        EXPECT_EQ(some.by_u0[i], all.by_u0[i]) << checkpoints << " checkpoints";
      for (std::size_t i = 0; i < 3; ++i)
        EXPECT_EQ(some.by_p[i], all.by_p[i]) << checkpoints << " checkpoints";
    }
  }
}

TYPED_TEST(Checkpoints, SaveMemory) {
  const SolveOptions options{.abstol = 1e-12, .reltol = 1e-12, .saveat = 1.0, .dense = false};
  const auto bytes = [&](std::optional<std::size_t> checkpoints) {
    return run<TypeParam>(checkpoints, options, {}, {0.0, 20.0}).recorded_bytes;
  };
  const std::size_t steps = run<TypeParam>({}, options, {}, {0.0, 20.0}).steps;
  EXPECT_LT(bytes(2), bytes(7));
  EXPECT_LT(bytes(7), bytes({}) / 3);
  // beyond the mesh, a checkpoint is a state and a slope
  EXPECT_LE(bytes(7) - bytes(1), 6 * 2 * 2 * sizeof(double));
  EXPECT_GE(bytes({}), steps * TypeParam::tableau.stages * 2 * sizeof(double)) << "the input of every stage";
}

}  // namespace costate
