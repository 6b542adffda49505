#include <costate/ad/jacobian.hpp>
#include <costate/losses/reductions.hpp>
#include <costate/methods/vern7.hpp>
#include <costate/problems/ode_problem.hpp>
#include <costate/sensitivity/discrete_adjoint.hpp>
#include <costate/solve/solve.hpp>

#include <gtest/gtest.h>

namespace costate {
namespace {

const auto total = [](const auto& p) {
  const auto lotka_volterra = [](auto& du, const auto& u, const auto& q, const auto& /*t*/) {
    du[0] = q[0] * u[0] - q[1] * u[0] * u[1];
    du[1] = -q[2] * u[1] + q[3] * u[0] * u[1];
  };
  const ODEProblem problem(lotka_volterra, {1.0, 1.0}, {0.0, 10.0}, p);
  return sum(solve(problem, Vern7{}, {.abstol = 1e-13, .reltol = 1e-13, .saveat = 0.1, .dense = false}));
};
const Vector p{1.5, 1.0, 3.0, 1.0};

// computed for this project in 80-bit floating point, see reference_values_test.cpp
constexpr double reference[4][4] = {{-56.6157666858, -78.4663362144, -76.383058425, 77.3761606362},
                                    {-78.4663362144, 338.754456423, 8.24737310694, 28.9395911246},
                                    {-76.383058425, 8.24737310694, -7.94034297438, -110.337428991},
                                    {77.3761606362, 28.9395911246, -110.337428991, 734.612068441}};

}  // namespace

TEST(Hessian, OfLotkaVolterraForwardOverTheDiscreteAdjoint) {
  const auto h = hessian(total, p);
  for (std::size_t i = 0; i < 4; ++i) {
    for (std::size_t j = 0; j < 4; ++j) {
      EXPECT_NEAR(h(i, j), reference[i][j], 1e-8 * 735) << i << " " << j;
      EXPECT_NEAR(h(i, j), h(j, i), 1e-10 * 735);
    }
  }
}

TEST(Hessian, TimesAVectorIsHessianVectorProduct) {
  const Vector v{0.3, -1.0, 0.7, 0.2};
  const auto product = hessian_vector_product(total, p, v);
  for (std::size_t i = 0; i < 4; ++i) {
    double expected = 0;
    for (std::size_t j = 0; j < 4; ++j) expected += reference[i][j] * v[j];
    EXPECT_NEAR(product[i], expected, 1e-8 * 735);
  }
}

}  // namespace costate
