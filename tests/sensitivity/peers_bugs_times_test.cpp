#include <contracts/wrong_gradients.hpp>

namespace costate {
namespace {

/// The solution of f from t₀ to t₁ for x = (t₀, t₁, u₀, p), all of them variables.
template <class Sensitivity, class X>
auto solution_of(Kind kind, const X& x, const SolveOptions& options) {
  return solve(ODEProblem(Equation{kind}, Vector{x[2]}, TimeSpan{x[0], x[1]}, Vector{x[3]}), Tsit5{}, options,
               Sensitivity{});
}
SolveOptions tight(SaveAt saveat = {}) {
  return {.abstol = 1e-11, .reltol = 1e-11, .saveat = saveat};
}

}  // namespace

TYPED_TEST_SUITE(WrongGradients, AllSensitivities, SensitivityNames);

// Stan math #1833: gradients by t0 were never set; the tests compared zeros with zeros. The equation is that
// of the issue, u' = cos(p t), u(t) = u0 + (sin(p t) − sin(p t0)) / p
TYPED_TEST(WrongGradients, StanT0GradientIgnoresCotangent) {
  const double t0 = 0.3, t1 = 1.1, u0 = 0.7, p = 1.5;
  const auto result = value_and_gradient(
      [](const auto& x) {
        const auto s = solution_of<TypeParam>(Kind::driven, x, tight({0.45, 1.1}));
        return 2.0 * s[0][0] - 3.0 * s[1][0] + s(0.8)[0];
      },
      Vector{t0, t1, u0, p});
  const auto at = [&](double t) { return u0 + (std::sin(p * t) - std::sin(p * t0)) / p; };
  const auto by_p = [&](double t) {
    return (t * std::cos(p * t) - t0 * std::cos(p * t0)) / p - (std::sin(p * t) - std::sin(p * t0)) / (p * p);
  };
  const auto& g = std::get<1>(result);
  EXPECT_NEAR(std::get<0>(result), 2 * at(0.45) - 3 * at(1.1) + at(0.8), 1e-9);
  EXPECT_NEAR(g[0], -(2 - 3 + 1) * std::cos(p * t0), 1e-9) << "by t0: weights that cancel";
  EXPECT_NEAR(g[2], 2 - 3 + 1, 1e-9) << "by u0";
  EXPECT_NEAR(g[3], 2 * by_p(0.45) - 3 * by_p(1.1) + by_p(0.8), 1e-8) << "by p";
  const auto single = gradient(
      [](const auto& x) { return 2.0 * solution_of<TypeParam>(Kind::driven, x, tight({0.45}))[0][0]; },
      Vector{t0, t1, u0, p});
  EXPECT_NEAR(single[0], -2 * std::cos(p * t0), 1e-9);
  EXPECT_EQ(single[1], 0.0) << "nothing was read at t1 or beyond the saved point";
}

// torchdiffeq #166, #176, #199: the sign of the gradient by the first and the last time; logistic equation
TYPED_TEST(WrongGradients, TorchdiffeqSignOfTheGradientByTheEndsOfTheSpan) {
  const double t0 = 0.2, t1 = 1.3, u0 = 0.3, p = 1.7;
  const auto g =
      gradient([](const auto& x) { return solution_of<TypeParam>(Kind::logistic, x, tight()).back()[0]; },
               Vector{t0, t1, u0, p});
  const Logistic end(u0, p, t1, t0);
  EXPECT_NEAR(g[0], -end.by_t, 1e-8);
  EXPECT_NEAR(g[1], end.by_t, 1e-8);
  EXPECT_NEAR(g[2], end.by_u0, 1e-8);
  EXPECT_NEAR(g[3], end.by_p, 1e-8);
}

// diffrax #244: BacksolveAdjoint had no gradients by t0 and t1; here backward in time too, where the signs
// turn
TYPED_TEST(WrongGradients, DiffraxBacksolveHasNoGradientByTheEndsOfTheSpan) {
  const double t0 = 1.3, t1 = 0.2, u0 = 0.6, p = 1.7;
  const auto g = gradient(
      [](const auto& x) {
        const auto s = solution_of<TypeParam>(Kind::logistic, x, tight({1.0, 0.5}));
        return 3.0 * s[0][0] - s[1][0] + 2.0 * s(x[1])[0];
      },
      Vector{t0, t1, u0, p});
  const Logistic first(u0, p, 1.0, t0), second(u0, p, 0.5, t0), end(u0, p, t1, t0);
  EXPECT_NEAR(g[0], -3 * first.by_t + second.by_t - 2 * end.by_t, 1e-8);
  EXPECT_NEAR(g[1], 2 * end.by_t, 1e-8);
  EXPECT_NEAR(g[2], 3 * first.by_u0 - second.by_u0 + 2 * end.by_u0, 1e-8);
  EXPECT_NEAR(g[3], 3 * first.by_p - second.by_p + 2 * end.by_p, 1e-8);
}

// diffrax #584: BacksolveAdjoint could not differentiate by the times of saved points. The times are read as
// variables; the same numbers as in the issue, d exp(−t)/dt
TYPED_TEST(WrongGradients, DiffraxReadTimesAreNotVariables) {
  const auto g = gradient(
      [](const auto& times) {
        const ODEProblem problem(Equation{Kind::square}, Vector{times[2]}, {0.0, 1.0});
        const auto s = solve(problem, Tsit5{}, tight(), TypeParam{});
        return s(times[0])[0] + 2.0 * s(times[1])[0];
      },
      Vector{0.3, 0.5, 1.0});
  const auto slope = [](double t) { return -1 / ((1 + t) * (1 + t)); };  // u = 1 / (1 + t)
  EXPECT_NEAR(g[0], slope(0.3), 1e-8);
  EXPECT_NEAR(g[1], 2 * slope(0.5), 1e-8);
  EXPECT_NEAR(g[2], -slope(0.3) - 2 * slope(0.5), 1e-8);
}

// Stan design 0027: no backward solve is needed if only times vary, so it is easily forgotten that it is if
// t0 does; saved points that lie on the moving ends move with them
TYPED_TEST(WrongGradients, StanSavedPointOnAMovingEnd) {
  const double t0 = 0.2, t1 = 1.2, u0 = 0.3, p = 1.7;
  const auto ends = [&](const SolveOptions& options) {
    return gradient(
        [&](const auto& t) {
          const auto s = solution_of<TypeParam>(Kind::logistic,
                                                Vector{t[0], t[1], 0.0 * t[0] + u0, 0.0 * t[0] + p}, options);
          return 5.0 * s[0][0] + 2.0 * s[s.size() - 1][0];
        },
        Vector{t0, t1});
  };
  const Logistic end(u0, p, t1, t0);
  for (const auto& options : {tight({0.2, 1.2}), tight(0.5), tight()}) {
    const auto g = ends(options);
    EXPECT_NEAR(g[0], -2 * end.by_t, 1e-8);
    EXPECT_NEAR(g[1], 2 * end.by_t, 1e-8);
  }
}

// dynamiqs #51: the time ran the wrong way in the backward pass, which an autonomous equation does not show.
// λ is constant here, so a backward step spans what many forward steps do, and a quadrature in it must not
TYPED_TEST(WrongGradients, DynamiqsTimeRunsTheWrongWayInTheBackwardPass) {
  const double p = 2.3;
  const auto g = gradient(
      [](const auto& x) {
        const auto s = solution_of<TypeParam>(Kind::driven, x, tight({0.4, 2.0}));
        return s[0][0] * s[1][0];
      },
      Vector{0.1, 2.0, 0.5, p});
  const auto at = [&](double t) { return 0.5 + (std::sin(p * t) - std::sin(p * 0.1)) / p; };
  const auto by_p = [&](double t) {
    return (t * std::cos(p * t) - 0.1 * std::cos(p * 0.1)) / p -
           (std::sin(p * t) - std::sin(p * 0.1)) / (p * p);
  };
  EXPECT_NEAR(g[3], by_p(0.4) * at(2.0) + at(0.4) * by_p(2.0), 1e-8);
  EXPECT_NEAR(g[0], -std::cos(p * 0.1) * (at(0.4) + at(2.0)), 1e-8);
}

}  // namespace costate
