#include <algorithm>
#include <contracts/wrong_gradients.hpp>
#include <limits>
#include <type_traits>

namespace costate {
namespace {

const std::vector<double> u0{0.2, 0.7, 0.4, 0.9, 0.1}, p{1.3, -0.8, 2.1, 0.6, -1.9};
constexpr TimeSpan<double> span{0.0, 3.0};

/// Σ (k + 1) u_k at 1 and at the end, its gradients, and the largest error of them.
const auto loss = [](const auto& s) {
  auto total = 0.0 * s[0][0];
  for (std::size_t i = 0; i < s.size(); ++i)
    for (std::size_t k = 0; k < s.state_size(); ++k) total += static_cast<double>(k + 1) * s[i][k];
  return total;
};
template <class ByU0, class ByP>
double largest_error(const ByU0& by_u0, const ByP& by_p, double scale = 1) {
  double largest = 0;
  for (std::size_t k = 0; k < by_p.size(); ++k) {
    const Logistic first(u0[k], p[k], 1), end(u0[k], p[k], 3);
    const double w = static_cast<double>(k + 1);
    for (const double e :
         {by_u0[k] / scale - w * (first.by_u0 + end.by_u0), by_p[k] / scale - w * (first.by_p + end.by_p)})
      if (!(std::abs(e) <= largest)) largest = std::abs(e);
  }
  return largest;
}
template <class Result>
double largest_error(const Result& result) {
  return largest_error(std::get<1>(result), std::get<2>(result));
}
SolveOptions to(double tolerance) {
  return {.abstol = tolerance, .reltol = tolerance, .saveat = {1.0, 3.0}};
}

}  // namespace

TYPED_TEST_SUITE(WrongGradients, AllSensitivities, SensitivityNames);

// torchdyn #164: the error estimate ignored the step size, so that tolerances meant nothing; the bars of the
// tests (1e-3) let it live for years. SciMLSensitivity.jl #1649 was flat over tolerances too
TYPED_TEST(WrongGradients, TorchdynToleranceDoesNotReachTheGradient) {
  using Fixture = WrongGradients<TypeParam>;
  double previous = std::numeric_limits<double>::infinity();
  for (const double tolerance : {1e-3, 1e-5, 1e-7, 1e-9, 1e-11}) {
    const double error = largest_error(Fixture::gradients({}, u0, span, p, to(tolerance), loss));
    EXPECT_LT(error, 300 * tolerance) << "at " << tolerance;
    EXPECT_LT(error, previous / 10) << "two decades of tolerance bring less than one at " << tolerance;
    this->RecordProperty("at_" + std::to_string(std::lround(-std::log10(tolerance))),
                         std::to_string(std::log10(error)));
    previous = error;
  }
}

// CasADi #4383: sensitivities outside of error control, wrong with three and more parameters when they are
// found together, though right one by one
TYPED_TEST(WrongGradients, CasADiThreeParametersTogetherAreWrong) {
  using Fixture = WrongGradients<TypeParam>;
  const double tolerance = 1e-8;
  const auto together = Fixture::gradients({}, u0, span, p, to(tolerance), loss);
  EXPECT_LT(largest_error(together), 300 * tolerance);
  for (const std::size_t count : {1, 2, 3, 4}) {
    const std::vector<double> some_u0(u0.begin(), u0.begin() + static_cast<std::ptrdiff_t>(count)),
        some_p(p.begin(), p.begin() + static_cast<std::ptrdiff_t>(count));
    const auto alone = Fixture::gradients({}, some_u0, span, some_p, to(tolerance), loss);
    EXPECT_LT(largest_error(alone), 300 * tolerance) << count;
  }
}

// torchdiffeq and Stan: absolute tolerances for λ that ignore how large the loss is; a gradient of 1e-30 was
// all error, one of 1e+30 took forever
TYPED_TEST(WrongGradients, AbsoluteToleranceSwallowsASmallLoss) {
  using Fixture = WrongGradients<TypeParam>;
  for (const double scale : {1e-200, 1e-30, 1e-8, 1.0, 1e8, 1e30, 1e200}) {
    const auto result =
        Fixture::gradients({}, u0, span, p, to(1e-8), [&](const auto& s) { return scale * loss(s); });
    ASSERT_TRUE(is_successful(result.status())) << scale;
    EXPECT_LT(largest_error(std::get<1>(result), std::get<2>(result), scale), 3e-6) << scale;
  }
}
TYPED_TEST(WrongGradients, CotangentsOfVeryDifferentSizeHideEachOther) {
  using Fixture = WrongGradients<TypeParam>;
  const auto result = Fixture::gradients({}, {0.2, 0.7}, span, {1.3, -0.8}, to(1e-11),
                                         [](const auto& s) { return 1e-6 * s[0][0] + 1e6 * s[1][1]; });
  const Logistic small(0.2, 1.3, 1), large(0.7, -0.8, 3);
  EXPECT_NEAR(std::get<1>(result)[1], 1e6 * large.by_u0, 1e-3);
  EXPECT_NEAR(std::get<2>(result)[1], 1e6 * large.by_p, 1e-3);
  if constexpr (std::is_same_v<TypeParam, DiscreteAdjoint> || std::is_same_v<TypeParam, ForwardSensitivity>) {
    EXPECT_NEAR(std::get<1>(result)[0], 1e-6 * small.by_u0, 1e-14);
    EXPECT_NEAR(std::get<2>(result)[0], 1e-6 * small.by_p, 1e-14);
  } else {  // tolerances of λ are relative to the largest cotangent
    EXPECT_NEAR(std::get<1>(result)[0], 1e-6 * small.by_u0, 1e6 * 1e-9);
    EXPECT_NEAR(std::get<2>(result)[0], 1e-6 * small.by_p, 1e6 * 1e-9);
  }
}

// ReactionMechanismSimulator.jl #237: at a tight absolute tolerance the adjoint solve stopped early, warned,
// and its numbers were used
TYPED_TEST(WrongGradients, ReactionMechanismSimulatorAdjointStopsEarlyAtATightTolerance) {
  using Fixture = WrongGradients<TypeParam>;
  SolveOptions options = to(1e-8);
  options.abstol = 1e-20;
  const auto tight = Fixture::gradients({}, u0, span, p, options, loss);
  ASSERT_TRUE(is_successful(tight.status()));
  EXPECT_LT(largest_error(tight), 3e-6);
  options.max_steps = 20;
  const auto stopped = Fixture::gradients({}, u0, span, p, options, loss);
  EXPECT_FALSE(is_successful(stopped.status()));
  EXPECT_EQ(std::get<0>(stopped), std::numeric_limits<double>::infinity());
  for (const double g : std::get<1>(stopped)) EXPECT_EQ(g, 0.0);
  for (const double g : std::get<2>(stopped)) EXPECT_EQ(g, 0.0);
}

// diffrax #499, SciMLSensitivity.jl #1094: the mesh is chosen for u, and the derivative of the solve on it
// need not be that of the equation. From an equilibrium, which every step solves exactly, steps grow beyond
// all bounds
TYPED_TEST(WrongGradients, DiffraxMeshOfAnEquilibriumIsTooCoarseForItsGradient) {
  using Fixture = WrongGradients<TypeParam>;
  const auto by_u0 = [](const SolveOptions& options) {
    return std::get<1>(Fixture::gradients({}, {1.0}, {0.0, 5.0}, {2.0}, options,
                                          [](const auto& s) { return s.back()[0]; }))[0];
  };
  const double exact = std::exp(-10.0);
  EXPECT_NEAR(by_u0({.abstol = 1e-8, .reltol = 1e-8, .dtmax = 0.1}), exact, 1e-8);
  EXPECT_NEAR(by_u0({.abstol = 1e-8, .reltol = 1e-8}), exact, 1e-7);
}

// the same by the parameters: a term that p = 0 switches off is not seen by the steps, as a network that
// starts from zeros is not
TYPED_TEST(WrongGradients, DiffraxMeshDoesNotSeeATermThatIsSwitchedOff) {
  using Fixture = WrongGradients<TypeParam>;
  const auto by_p = [](const SolveOptions& options) {
    return std::get<2>(Fixture::gradients({Kind::forced}, {1.0}, {0.0, 3.0}, {0.0}, options,
                                          [](const auto& s) { return s.back()[0]; }))[0];
  };
  const double exact = std::sin(60.0) / 20;
  EXPECT_NEAR(by_p({.abstol = 1e-8, .reltol = 1e-8, .dtmax = 0.02}), exact, 1e-7);
  EXPECT_NEAR(by_p({.abstol = 1e-8, .reltol = 1e-8}), exact, 1e-7);
}

// SUNDIALS #31, #49: steps made again from a checkpoint were not those of the forward solve
TYPED_TEST(WrongGradients, SundialsCheckpointsChangeTheGradient) {
  using Fixture = WrongGradients<TypeParam>;
  if constexpr (requires { TypeParam{}.checkpoints; }) {
    const auto all = Fixture::gradients({}, u0, span, p, to(1e-9), loss);
    for (const std::size_t checkpoints : {1, 2, 5, 1000}) {
      TypeParam some{};
      some.checkpoints = checkpoints;
      const auto result = Fixture::gradients({}, u0, span, p, to(1e-9), loss, some);
      for (std::size_t k = 0; k < u0.size(); ++k) {
        EXPECT_EQ(std::get<1>(result)[k], std::get<1>(all)[k]) << checkpoints;
        EXPECT_EQ(std::get<2>(result)[k], std::get<2>(all)[k]) << checkpoints;
      }
    }
  } else {
    GTEST_SKIP() << "keeps no checkpoints";
  }
}

// diffrax, BacksolveAdjoint on Robertson's equation: numbers of the order of 1e297; SciMLSensitivity.jl #300:
// the switch for checkpoints made no difference. u' = 40 u (1 − u) forgets its start: backward, it grows by
// exp(40 t)
TYPED_TEST(WrongGradients, DiffraxBacksolveOfADissipativeEquationIsNonsense) {
  using Fixture = WrongGradients<TypeParam>;
  const auto of = [](const SolveOptions& options, const TypeParam& sensitivity) {
    return Fixture::gradients(
        {}, {0.2}, {0.0, 1.0}, {40.0}, options, [](const auto& s) { return s.back()[0]; }, sensitivity);
  };
  const Logistic exact(0.2, 40.0, 1.0);
  const auto result = of({.abstol = 1e-10, .reltol = 1e-10, .saveat = {0.0, 1.0}}, {});
  if (is_successful(result.status())) {
    EXPECT_NEAR(std::get<1>(result)[0], exact.by_u0, 1e-7);
    EXPECT_NEAR(std::get<2>(result)[0], exact.by_p, 1e-7);
  } else {
    EXPECT_EQ(result.status(), Status::adjoint_failed);
    EXPECT_EQ(std::get<0>(result), std::numeric_limits<double>::infinity());
    EXPECT_EQ(std::get<1>(result)[0], 0.0);
  }
  if constexpr (std::is_same_v<TypeParam, BacksolveAdjoint>) {
    EXPECT_EQ(result.status(), Status::adjoint_failed);
    const SolveOptions often{.abstol = 1e-10, .reltol = 1e-10, .saveat = 0.01};
    const auto checkpointed = of(often, {});
    EXPECT_TRUE(is_successful(checkpointed.status()));
    EXPECT_NEAR(std::get<1>(checkpointed)[0], exact.by_u0, 1e-7);
    EXPECT_NEAR(std::get<2>(checkpointed)[0], exact.by_p, 1e-7);
    EXPECT_EQ(of(often, {.checkpointing = false}).status(), Status::adjoint_failed);
  } else {
    EXPECT_TRUE(is_successful(result.status()));
  }
}

}  // namespace costate
