#include <contracts/wrong_gradients.hpp>
#include <limits>
#include <stdexcept>

namespace costate {
namespace {

const std::vector<double> u0{0.2, 0.7}, p{1.3, -0.8};
constexpr TimeSpan<double> span{0.0, 1.0};

/// Σ weight(entry) u₀ + weight(entry) u₁ over what was saved, and its gradient in closed form.
template <class Solution>
auto weighted_sum(const Solution& solution) {
  RandomWeights weight;
  typename Solution::value_type total(0);
  for (std::size_t i = 0; i < solution.size(); ++i)
    for (std::size_t k = 0; k < 2; ++k) total += weight() * solution[i][k];
  return total;
}
struct Expected {
  double value = 0, by_u0[2] = {0, 0}, by_p[2] = {0, 0};
};
Expected weighted_sum_at(const std::vector<double>& times, double from = 0) {
  RandomWeights weight;
  Expected sum;
  for (const double t : times) {
    for (std::size_t k = 0; k < 2; ++k) {
      const Logistic exact(u0[k], p[k], t, from);
      const double w = weight();
      sum.value += w * exact.u;
      sum.by_u0[k] += w * exact.by_u0;
      sum.by_p[k] += w * exact.by_p;
    }
  }
  return sum;
}
template <class Result>
void expect_near(const Result& result, const Expected& expected, double tolerance = 1e-8) {
  EXPECT_NEAR(std::get<0>(result), expected.value, tolerance);
  for (std::size_t k = 0; k < 2; ++k) {
    EXPECT_NEAR(std::get<1>(result)[k], expected.by_u0[k], tolerance) << "by u0 " << k;
    EXPECT_NEAR(std::get<2>(result)[k], expected.by_p[k], tolerance) << "by p " << k;
  }
}
const auto sum_of_saved = [](const auto& solution) { return weighted_sum(solution); };

}  // namespace

TYPED_TEST_SUITE(WrongGradients, AllSensitivities, SensitivityNames);

// SciMLSensitivity.jl #335: "Adjoints give incorrect values if t values are not unique"; every copy of a
// saved point has a cotangent of its own
TYPED_TEST(WrongGradients, SciMLRepeatedSavePointsCountOnce) {
  using Fixture = WrongGradients<TypeParam>;
  const std::vector<double> times{0.0, 0.0, 0.25, 0.25, 0.25, 0.6, 1.0, 1.0};
  const auto result = Fixture::gradients({}, u0, span, p, Fixture::tight(times), sum_of_saved);
  expect_near(result, weighted_sum_at(times));
}

// SciMLSensitivity.jl #484: a spacing that does not divide the span lost the end in the backward pass
TYPED_TEST(WrongGradients, SciMLLosesTheEndThatTheSpacingMisses) {
  using Fixture = WrongGradients<TypeParam>;
  const auto result = Fixture::gradients({}, u0, span, p, Fixture::tight(0.3), sum_of_saved);
  expect_near(result, weighted_sum_at({0.0, 0.3, 0.6, 0.9, 1.0}));
}

// sunode #35: the adjoint did not add the cotangent of the initial time
TYPED_TEST(WrongGradients, SunodeForgetsTheCotangentAtTheStart) {
  using Fixture = WrongGradients<TypeParam>;
  const auto only_start = Fixture::gradients({}, u0, span, p, Fixture::tight({0.0, 0.5, 1.0}),
                                             [](const auto& s) { return 3.0 * s[0][0] * s[0][0]; });
  EXPECT_NEAR(std::get<1>(only_start)[0], 6 * u0[0], 1e-12);
  EXPECT_EQ(std::get<1>(only_start)[1], 0.0);
  for (const double g : std::get<2>(only_start)) EXPECT_EQ(g, 0.0);
  const auto both = Fixture::gradients({}, u0, span, p, Fixture::tight({0.0, 1.0}), sum_of_saved);
  expect_near(both, weighted_sum_at({0.0, 1.0}));
}

// DifferentialEquations.jl #707: no adjoint of an equation integrated backward in time
TYPED_TEST(WrongGradients, SciMLCannotSolveBackwardInTime) {
  using Fixture = WrongGradients<TypeParam>;
  const std::vector<double> times{1.0, 0.9, 0.9, 0.4, 0.0};
  const auto result = Fixture::gradients({}, u0, {1.0, 0.0}, p, Fixture::tight(times), sum_of_saved);
  expect_near(result, weighted_sum_at(times, 1.0));
}

// DiffEqBase.jl #469 (save_idxs): with one component in the loss the cotangents landed on others
TYPED_TEST(WrongGradients, SciMLOneSavedComponentGetsTheCotangentsOfAnother) {
  using Fixture = WrongGradients<TypeParam>;
  const auto result = Fixture::gradients({}, u0, span, p, Fixture::tight({0.5, 1.0}),
                                         [](const auto& s) { return 2.0 * s[0][1] - 5.0 * s[1][1]; });
  const Logistic half(u0[1], p[1], 0.5), end(u0[1], p[1], 1.0);
  EXPECT_EQ(std::get<1>(result)[0], 0.0);
  EXPECT_EQ(std::get<2>(result)[0], 0.0);
  EXPECT_NEAR(std::get<1>(result)[1], 2 * half.by_u0 - 5 * end.by_u0, 1e-8);
  EXPECT_NEAR(std::get<2>(result)[1], 2 * half.by_p - 5 * end.by_p, 1e-8);
}

// DiffEqFlux.jl #56, SciMLSensitivity.jl #314: a slice of the saved points met the wrong times in the adjoint
TYPED_TEST(WrongGradients, DiffEqFluxSliceOfTheSavedPointsMeetsOtherTimes) {
  using Fixture = WrongGradients<TypeParam>;
  const auto result = Fixture::gradients({}, u0, span, p, Fixture::tight(0.125), [](const auto& s) {
    auto total = 1.0 * s[2][0];
    for (std::size_t i = 4; i < s.size(); i += 2) total += static_cast<double>(i) * s[i][0];
    return total;
  });
  double by_u0 = 0, by_p = 0;
  for (const auto& [i, w] : {std::pair(2, 1), std::pair(4, 4), std::pair(6, 6), std::pair(8, 8)}) {
    const Logistic exact(u0[0], p[0], 0.125 * i);
    by_u0 += w * exact.by_u0;
    by_p += w * exact.by_p;
  }
  EXPECT_NEAR(std::get<1>(result)[0], by_u0, 1e-7);
  EXPECT_NEAR(std::get<2>(result)[0], by_p, 1e-7);
}

// SciMLSensitivity.jl #392: with the points saved by other means than saveat the adjoint assumed other ones
TYPED_TEST(WrongGradients, SciMLSavedStepsAreNotTheOnesOfTheAdjoint) {
  using Fixture = WrongGradients<TypeParam>;
  std::vector<double> times;
  const auto result = Fixture::gradients({}, u0, span, p, Fixture::tight(), [&](const auto& s) {
    times.assign(s.t().begin(), s.t().end());
    return weighted_sum(s);
  });
  EXPECT_GT(times.size(), 10u);
  expect_near(result, weighted_sum_at(times));
}

// SciMLSensitivity.jl #1447 was about events an ulp beside a saved point; reads can be there too
TYPED_TEST(WrongGradients, SciMLReadAnUlpBesideASavedPoint) {
  using Fixture = WrongGradients<TypeParam>;
  const double before = std::nextafter(0.5, 0.0), after = std::nextafter(0.5, 1.0);
  const double beside_start = std::numeric_limits<double>::denorm_min(),
               beside_end = std::nextafter(1.0, 0.0);
  const auto result =
      Fixture::gradients({}, u0, span, p, Fixture::tight({0.0, 0.5, 1.0}), [&](const auto& s) {
        return weighted_sum(s) + s(before)[0] + 2.0 * s(after)[0] + s(beside_start)[1] +
               2.0 * s(beside_end)[1];
      });
  Expected expected = weighted_sum_at({0.0, 0.5, 1.0});
  const auto add = [&](std::size_t k, double t, double w) {
    const Logistic exact(u0[k], p[k], t);
    expected.value += w * exact.u;
    expected.by_u0[k] += w * exact.by_u0;
    expected.by_p[k] += w * exact.by_p;
  };
  add(0, 0.5, 3), add(1, 0.0, 1), add(1, 1.0, 2);
  expect_near(result, expected);
}

// diffsol #319: the adjoint returned zero where the loss reads the solution by interpolation
TYPED_TEST(WrongGradients, DiffsolReadBetweenSavedPointsHasNoGradient) {
  using Fixture = WrongGradients<TypeParam>;
  const auto result = Fixture::gradients({}, u0, span, p, Fixture::tight({0.1, 0.9}),
                                         [](const auto& s) { return s(0.37)[0] * s(0.37)[1]; });
  const Logistic first(u0[0], p[0], 0.37), second(u0[1], p[1], 0.37);
  EXPECT_NEAR(std::get<1>(result)[0], first.by_u0 * second.u, 1e-7);
  EXPECT_NEAR(std::get<1>(result)[1], first.u * second.by_u0, 1e-7);
  EXPECT_NEAR(std::get<2>(result)[0], first.by_p * second.u, 1e-7);
  EXPECT_NEAR(std::get<2>(result)[1], first.u * second.by_p, 1e-7);
}

// the loss counts the solution twice, or does not look at it
TYPED_TEST(WrongGradients, SolutionUsedTwiceOrNotAtAll) {
  using Fixture = WrongGradients<TypeParam>;
  const std::vector<double> times{0.5, 1.0};
  const auto twice = Fixture::gradients({}, u0, span, p, Fixture::tight(times), [](const auto& s) {
    const auto copy = s;
    return weighted_sum(s) + weighted_sum(copy);
  });
  Expected doubled = weighted_sum_at(times);
  doubled.value *= 2;
  for (std::size_t k = 0; k < 2; ++k) doubled.by_u0[k] *= 2, doubled.by_p[k] *= 2;
  expect_near(twice, doubled, 2e-8);
  const auto never = Fixture::gradients({}, u0, span, p, Fixture::tight(times), [](const auto& s) {
    return typename std::remove_cvref_t<decltype(s)>::value_type(static_cast<double>(s.size()));
  });
  EXPECT_EQ(std::get<0>(never), 2.0);
  for (const double g : std::get<1>(never)) EXPECT_EQ(g, 0.0);
  for (const double g : std::get<2>(never)) EXPECT_EQ(g, 0.0);
}

// SciMLSensitivity.jl's test time_type_mixing: times in float32, and times that are not sorted
TYPED_TEST(WrongGradients, SciMLSaveTimesInSinglePrecisionOrUnsorted) {
  using Fixture = WrongGradients<TypeParam>;
  const Vector<float, 3> in_float{0.1f, 0.7f, 0.9f};
  const auto result = Fixture::gradients({}, u0, {0.0f, 1.0f}, p, Fixture::tight(in_float), sum_of_saved);
  expect_near(result, weighted_sum_at({double(0.1f), double(0.7f), double(0.9f)}));
  EXPECT_THROW(Fixture::gradients({}, u0, span, p, Fixture::tight({0.9, 0.1, 0.7}), sum_of_saved),
               std::invalid_argument);
}

// DiffEqFlux.jl and SciMLSensitivity.jl lost gradients of integer inputs (promotion of u0 by p)
TYPED_TEST(WrongGradients, InitialStateOfIntegersHasTheGradientOfDoubles) {
  const auto loss = [](const auto& q) {
    return solve(ODEProblem(Equation{}, std::vector{2, 3}, span, q), Tsit5{},
                 {.abstol = 1e-10, .reltol = 1e-10}, TypeParam{})
        .back()[1];
  };
  const auto by_p = gradient(loss, std::vector{1.3, 0.8});
  EXPECT_EQ(by_p[0], 0.0);
  EXPECT_NEAR(by_p[1], Logistic(3, 0.8, 1).by_p, 1e-7);
}

}  // namespace costate
