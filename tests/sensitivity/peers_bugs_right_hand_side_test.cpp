#include <complex>
#include <contracts/wrong_gradients.hpp>
#include <limits>
#include <type_traits>

namespace costate {
namespace {

/// The equation of diffrax #64 in closed form, for the complex step.
template <class T>
T reaction(const T& p0, const T& p1, std::size_t component, double t) {
  const T fast = 1.0 - 2.0 / p0, b = fast / (p1 - p0), a = 2.0 / (p0 * p1);
  if (component == 0) return 2.0 / p0 + fast * std::exp(-p0 * t);
  return a + b * std::exp(-p0 * t) + (1.0 - a - b) * std::exp(-p1 * t);
}
constexpr double epsilon = 1e-30;

}  // namespace

TYPED_TEST_SUITE(WrongGradients, AllSensitivities, SensitivityNames);

// SciMLSensitivity.jl #273: parameters by intervals of time gave (0, 0, 0, 96.8) by the adjoint where
// (29.8, 10.2, 53.4, 3.6) was right: u' = p_k u for k ≤ t < k + 1, u(t) = u0 exp(∫ p)
TYPED_TEST(WrongGradients, SciMLStaircaseOfParametersGivesAllToTheLast) {
  using Fixture = WrongGradients<TypeParam>;
  const std::vector<double> p{0.3, -0.5, 0.2, 0.4};
  SolveOptions options = Fixture::tight(0.1);
  options.tstops = {1.0, 2.0, 3.0};
  const auto result = Fixture::gradients({Kind::staircase}, {1.4}, {0.0, 4.0}, p, options, [](const auto& s) {
    auto total = 0.0 * s[0][0];
    for (std::size_t i = 0; i < s.size(); ++i) total += s[i][0];
    return total;
  });
  double by_u0 = 0, by_p[4] = {0, 0, 0, 0};
  for (int i = 0; i <= 40; ++i) {
    const double t = 0.1 * i;
    double exponent = 0, share[4];
    for (int k = 0; k < 4; ++k) {
      share[k] = std::fmin(1, std::fmax(0, t - k));
      exponent += p[static_cast<std::size_t>(k)] * share[k];
    }
    by_u0 += std::exp(exponent);
    for (int k = 0; k < 4; ++k) by_p[k] += 1.4 * std::exp(exponent) * share[k];
  }
  EXPECT_NEAR(std::get<1>(result)[0], by_u0, 1e-7);
  for (std::size_t k = 0; k < 4; ++k) EXPECT_NEAR(std::get<2>(result)[k], by_p[k], 1e-7) << k;
}

// SciMLSensitivity.jl #1649: gradients were 5 % off where the right-hand side reads another solution,
// whatever the tolerance. u' = −p0 u + p1 r(t), r = 1 / (1 + t) a solution of its own
TYPED_TEST(WrongGradients, SciMLInterpolantInTheRightHandSideIsFivePercentOff) {
  using Fixture = WrongGradients<TypeParam>;
  const auto other =
      solve(ODEProblem(Equation{Kind::square}, std::vector{1.0}, {0.0, 2.0}, std::vector<double>()), Tsit5{},
            Fixture::tight());
  const double u0 = 0.4, t = 1.5, p0 = 1.7, p1 = 0.8;
  // ∫ exp(−p0 (t − s)) r(s) ds by Simpson's rule, to 1e-13
  const auto integral = [&](auto rate) {
    decltype(rate) sum = 0;
    const int n = 4000;
    for (int i = 0; i <= n; ++i) {
      const double s = t * i / n, weight = i == 0 || i == n ? 1 : i % 2 == 1 ? 4 : 2;
      sum += weight * std::exp(-rate * (t - s)) / (1 + s);
    }
    return sum * (t / n / 3);
  };
  const auto result = Fixture::gradients({Kind::interpolant, &other}, {u0}, {0.0, t}, {p0, p1},
                                         Fixture::tight(), [](const auto& s) { return s.back()[0]; });
  const std::complex<double> step(p0, epsilon);
  EXPECT_NEAR(std::get<0>(result), u0 * std::exp(-p0 * t) + p1 * integral(p0), 1e-8);
  EXPECT_NEAR(std::get<1>(result)[0], std::exp(-p0 * t), 1e-8);
  EXPECT_NEAR(std::get<2>(result)[0], -t * u0 * std::exp(-p0 * t) + p1 * integral(step).imag() / epsilon,
              1e-8);
  EXPECT_NEAR(std::get<2>(result)[1], integral(p0), 1e-8);
}

// TensorFlow Probability #1318: the backward solve stepped over t0, where f is not defined: u' = p √t from 0
TYPED_TEST(WrongGradients, TensorFlowBackwardSolveLeavesTheSpan) {
  using Fixture = WrongGradients<TypeParam>;
  const auto result = Fixture::gradients({Kind::root}, {1.0}, {0.0, 8e-3}, {0.5}, Fixture::tight(),
                                         [](const auto& s) { return s.back()[0]; });
  ASSERT_TRUE(is_successful(result.status()));
  EXPECT_NEAR(std::get<1>(result)[0], 1.0, 1e-12);
  EXPECT_NEAR(std::get<2>(result)[0], 2.0 / 3 * std::pow(8e-3, 1.5), 2e-8) << "no method has an order at 0";
}

// SciMLSensitivity.jl #994: GaussAdjoint returned memory that nobody had set for parameters that f does not
// read; diffrax #64: NaN for them after a jit. The equation is that of diffrax #64
TYPED_TEST(WrongGradients, SciMLParametersThatAreNotReadHaveGradientsFromNowhere) {
  using Fixture = WrongGradients<TypeParam>;
  const double p0 = 2.5, p1 = 4.5;
  const auto result = Fixture::gradients({Kind::reaction}, {1.0, 1.0, 2.5}, {0.0, 20.0}, {p0, p1, 2.5},
                                         Fixture::tight({0.0, 0.5, 0.75, 20.0}), [](const auto& s) {
                                           auto total = 0.0 * s[0][0];
                                           for (std::size_t i = 0; i < s.size(); ++i)
                                             for (std::size_t k = 0; k < 3; ++k)
                                               total += (s[i][k] - 1.0) * (s[i][k] - 1.0);
                                           return total;
                                         });
  if constexpr (std::is_same_v<TypeParam, BacksolveAdjoint>) {
    // u1 grows by exp(4.5 · 19.25) from 20 back to 0.75
    EXPECT_EQ(result.status(), Status::adjoint_failed);
    EXPECT_EQ(std::get<0>(result), std::numeric_limits<double>::infinity());
    for (const double g : std::get<2>(result)) EXPECT_EQ(g, 0.0);
    return;
  }
  double by_p[2] = {0, 0};
  for (const double t : {0.5, 0.75, 20.0}) {
    for (std::size_t k = 0; k < 2; ++k) {
      using C = std::complex<double>;
      const double off = 2 * (reaction(p0, p1, k, t) - 1);
      by_p[0] += off * reaction(C(p0, epsilon), C(p1), k, t).imag() / epsilon;
      by_p[1] += off * reaction(C(p0), C(p1, epsilon), k, t).imag() / epsilon;
    }
  }
  EXPECT_NEAR(std::get<2>(result)[0], by_p[0], 1e-7);
  EXPECT_NEAR(std::get<2>(result)[1], by_p[1], 1e-7);
  EXPECT_EQ(std::get<2>(result)[2], 0.0);
  EXPECT_NEAR(std::get<1>(result)[2], 4 * 2 * 1.5, 1e-12) << "u2 stays what it was";
}

// SciMLSensitivity.jl, test null_parameters: a problem without parameters
TYPED_TEST(WrongGradients, SciMLProblemWithoutParameters) {
  using Fixture = WrongGradients<TypeParam>;
  const auto result = Fixture::gradients({Kind::square}, {1.5, 0.5}, {0.0, 2.0}, {}, Fixture::tight(0.5),
                                         [](const auto& s) { return s.back()[0] + 2.0 * s[2][1]; });
  EXPECT_EQ(std::get<2>(result).size(), 0u);
  EXPECT_NEAR(std::get<1>(result)[0], 1 / (4.0 * 4.0), 1e-8);
  EXPECT_NEAR(std::get<1>(result)[1], 2 / (1.5 * 1.5), 1e-8);
}

// torchdiffeq #94: what is both initial state and parameter got one of its two gradients
TYPED_TEST(WrongGradients, TorchdiffeqInitialStateSharedWithParameters) {
  const auto shared = gradient(
      [](const auto& x) {
        return solve(ODEProblem(Equation{}, x, {0.0, 1.0}, x), Tsit5{}, {.abstol = 1e-10, .reltol = 1e-10},
                     TypeParam{})
            .back()[0];
      },
      std::vector{0.6, 0.3});
  const Logistic exact(0.6, 0.6, 1.0);
  EXPECT_NEAR(shared[0], exact.by_u0 + exact.by_p, 1e-8);
  EXPECT_EQ(shared[1], 0.0);
}

// torchdiffeq #238: the initial state that the user holds was changed by the adjoint
TYPED_TEST(WrongGradients, TorchdiffeqInitialStateIsChangedByTheAdjoint) {
  const std::vector u0{0.6, 0.3};
  const ODEProblem problem(Equation{}, u0, {0.0, 1.0}, std::vector{1.0, 2.0});
  const auto loss = [&](const auto& q) {
    const auto s = solve(problem.with_p(q), Tsit5{}, {}, TypeParam{});
    return s.back()[0] + s[0][1];
  };
  const auto first = gradient(loss, std::vector{1.0, 2.0}), again = gradient(loss, std::vector{1.0, 2.0});
  for (std::size_t i = 0; i < 2; ++i) EXPECT_EQ(first[i], again[i]);
  EXPECT_EQ(problem.u0()[0], 0.6);
  EXPECT_EQ(problem.u0()[1], 0.3);
  EXPECT_EQ(u0[0], 0.6);
}

// SciMLSensitivity.jl #543: the gradient by u0 had the wrong sign, and so had its test
TYPED_TEST(WrongGradients, SciMLSignOfTheGradientByTheInitialState) {
  using Fixture = WrongGradients<TypeParam>;
  const auto result = Fixture::gradients({}, {0.2}, {0.0, 1.0}, {1.0}, Fixture::tight(),
                                         [](const auto& s) { return s.back()[0]; });
  EXPECT_GT(std::get<1>(result)[0], 0) << "a logistic curve that starts higher is higher";
  EXPECT_GT(std::get<2>(result)[0], 0) << "and so is a faster one";
}

}  // namespace costate
