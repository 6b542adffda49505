#include <costate/ad/gradient.hpp>
#include <costate/methods/rk4.hpp>
#include <costate/methods/tsit5.hpp>
#include <costate/problems/ode_problem.hpp>
#include <costate/sensitivity/gauss_adjoint.hpp>
#include <costate/sensitivity/gauss_kronrod_adjoint.hpp>
#include <costate/sensitivity/quadrature_adjoint.hpp>

#include <cmath>
#include <gtest/gtest.h>

namespace costate {
namespace {

/// d u(end) / dp of u' = p g(t), ∫ g dt: λ is 1, and all that is left is the quadrature.
template <class G, class Method, class Sensitivity>
auto integral_of(const G& g, double end, const Method& method, SolveOptions options,
                 const Sensitivity& sensitivity) {
  options.save_everystep = false;
  return value_and_gradient(
      [&](const auto& p) {
        const auto f = [&](auto& du, const auto&, const auto& q, const auto& t) {
          du[0] = q[0] * g(plain(t));
        };
        return solve(ODEProblem(f, Vector{0.0}, {0.0, end}, p), method, options, sensitivity).back()[0];
      },
      Vector{1.0});
}

template <class Sensitivity>
Sensitivity within(double tolerance) {
  Sensitivity sensitivity;
  sensitivity.quadrature_abstol = tolerance;
  sensitivity.quadrature_reltol = 0.0;
  return sensitivity;
}

template <class Sensitivity>
class AdaptiveQuadrature : public testing::Test {};
using Sensitivities = testing::Types<QuadratureAdjoint, GaussKronrodAdjoint>;
TYPED_TEST_SUITE(AdaptiveQuadrature, Sensitivities);

}  // namespace

// Every step of this one is like the others, and so is its error: each has its share of the tolerance only.
TYPED_TEST(AdaptiveQuadrature, MeetsItsToleranceInTheSumOfAllSteps) {
  const auto wave = [](double t) { return 40 * t - std::floor(40 * t) < 0.37 ? 1.0 : 0.0; };
  const auto got = integral_of(wave, 10.0, RK4{}, {.dt = 0.5}, within<TypeParam>(1e-3));
  EXPECT_EQ(got.status(), Status::success);
  EXPECT_NEAR(std::get<1>(got)[0], 3.7, 1e-3);
}

TYPED_TEST(AdaptiveQuadrature, SaysThatItMissedItsTolerance) {
  const auto jump = [](double t) { return t < 0.7123 ? 1.0 : 0.0; };
  const auto loose = integral_of(jump, 1.0, RK4{}, {.dt = 0.1}, within<TypeParam>(1e-3));
  EXPECT_EQ(loose.status(), Status::success);
  EXPECT_NEAR(std::get<1>(loose)[0], 0.7123, 1e-3);
  EXPECT_EQ(integral_of(jump, 1.0, RK4{}, {.dt = 0.1}, within<TypeParam>(1e-12)).status(),
            Status::adjoint_failed);
}

// In one step; ∫ t⁵ dt needs the three nodes that order 5 asks for.
TEST(GaussAdjoint, IntegratesAsFarAsTheOrderOfTheMethodAsksFor) {
  const auto fifth = [](double t) { return 6 * t * t * t * t * t; };
  const auto got = integral_of(fifth, 1.0, Tsit5{}, {.dt = 1.0, .adaptive = false}, GaussAdjoint{});
  EXPECT_NEAR(std::get<1>(got)[0], 1.0, 1e-14);
}

// λ is solved in a few steps, u in many: the sum over each of these keeps the order.
TEST(GaussAdjoint, CutsItsStepsWhereForwardStepsMeet) {
  const auto chirp = [](double t) { return std::sin(30 * t * t); };
  const auto got = integral_of(chirp, 2.0, Tsit5{}, {.abstol = 1e-8, .reltol = 1e-8}, GaussAdjoint{});
  // Fresnel's integral S(√(60/π) · 2) √(π/60)
  EXPECT_NEAR(std::get<1>(got)[0], 0.10760676098345374, 2e-10);
}

}  // namespace costate
