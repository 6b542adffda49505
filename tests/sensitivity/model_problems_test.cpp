#include <contracts/any_model.hpp>
#include <contracts/wrong_gradients.hpp>
#include <limits>
#include <type_traits>

namespace costate {
namespace {

/// Gradients by u0 and p of random weights on the end and on a state inside.
template <class Sensitivity>
auto gradients_of(const ModelData& model, TimeSpan<double> span, double tolerance) {
  return value_and_gradient(
      [&](const auto& u0, const auto& p) {
        const auto s = solve(ODEProblem(model.f, u0, span, p), Tsit5{},
                             {.abstol = tolerance,
                              .reltol = tolerance,
                              .saveat = {0.4 * span.start + 0.6 * span.end, span.end}},
                             Sensitivity{});
        RandomWeights weight(11);
        auto total = 0.0 * s[0][0];
        for (std::size_t i = 0; i < 2; ++i)
          for (std::size_t k = 0; k < s.state_size(); ++k) total += weight() * s[i][k];
        return total;
      },
      model.u0, model.p);
}
template <class Result>
std::vector<double> all_of(const Result& result) {
  std::vector<double> all(std::get<1>(result).begin(), std::get<1>(result).end());
  all.insert(all.end(), std::get<2>(result).begin(), std::get<2>(result).end());
  return all;
}

template <class Sensitivity>
class ModelProblems : public testing::Test {};
TYPED_TEST_SUITE(ModelProblems, AllSensitivities, SensitivityNames);

}  // namespace

// All of their spans forwards, and a fiftieth of it backwards: further back some grow beyond all bounds. The
// reference is forward sensitivity on the mesh of a solve at a hundredth of the tolerance.
TYPED_TEST(ModelProblems, HaveTheGradientOfForwardSensitivityWithinTheTolerance) {
  constexpr double tolerance = 1e-9;
  std::size_t refused = 0, far_off = 0;
  for (const ModelData& model : all_models()) {
    const double length = model.tspan.end - model.tspan.start;
    for (const bool backwards : {false, true}) {
      const TimeSpan<double> span{model.tspan.start,
                                  backwards ? model.tspan.start - length / 50 : model.tspan.end};
      SCOPED_TRACE(testing::Message()
                   << "model " << model.f.index << ", " << model.u0.size() << " states, to " << span.end);
      const auto result = gradients_of<TypeParam>(model, span, tolerance);
      if (std::is_same_v<TypeParam, BacksolveAdjoint> && !is_successful(result.status())) {
        EXPECT_EQ(result.status(), Status::adjoint_failed);
        EXPECT_EQ(std::get<0>(result), std::numeric_limits<double>::infinity());
        ++refused;
        continue;
      }
      ASSERT_TRUE(is_successful(result.status()));
      const auto reference = gradients_of<ForwardSensitivity>(model, span, tolerance / 100);
      const double off = relative_difference(all_of(result), all_of(reference));
      EXPECT_LT(off, 1e-5);
      if (off > 1e-6) ++far_off;
    }
  }
  EXPECT_LE(far_off, 3u) << "Arenstorf's orbit, the Pleiades, and A1, whose gradient itself is 1e-9";
  EXPECT_LE(refused, 10u) << "what decays forgets, and cannot be solved backwards";
}

// DiffEqFlux.jl's Lorenz equation: solved backwards over ten units of time it is another trajectory
TEST(Lorenz, IsRefusedByBacksolveAdjointAndNotByOthers) {
  const ModelData lorenz = all_models()[index_of<model_problems::Lorenz>()];
  const auto refused = gradients_of<BacksolveAdjoint>(lorenz, lorenz.tspan, 1e-9);
  EXPECT_EQ(refused.status(), Status::adjoint_failed);
  EXPECT_EQ(std::get<0>(refused), std::numeric_limits<double>::infinity());
  for (const double g : all_of(refused)) EXPECT_EQ(g, 0.0);
  EXPECT_TRUE(is_successful(gradients_of<InterpolatingAdjoint>(lorenz, lorenz.tspan, 1e-9).status()));
  EXPECT_TRUE(is_successful(gradients_of<BacksolveAdjoint>(lorenz, {0.0, 1.0}, 1e-9).status()));
}

}  // namespace costate
