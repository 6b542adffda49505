#include <costate/ad/gradient.hpp>
#include <costate/ad/jacobian.hpp>
#include <costate/losses/reductions.hpp>
#include <costate/methods/tsit5.hpp>
#include <costate/sensitivity/discrete_adjoint.hpp>
#include <costate/sensitivity/finite_difference.hpp>
#include <costate/sensitivity/forward_sensitivity.hpp>
#include <costate/sensitivity/gauss_adjoint.hpp>
#include <costate/sensitivity/interpolating_adjoint.hpp>
#include <costate/solve/solve.hpp>

#include <cmath>
#include <cstddef>
#include <gtest/gtest.h>
#include <vector>

namespace costate {
namespace {

// Lotka–Volterra in every column
const auto lotka_volterra = [](auto& du, const auto& u, const auto& p, auto /*t*/) {
  for (std::size_t j = 0; j < u.cols(); ++j) {
    du(0, j) = p[0] * u(0, j) - p[1] * u(0, j) * u(1, j);
    du(1, j) = -p[2] * u(1, j) + p[3] * u(0, j) * u(1, j);
  }
};
const auto one = [](auto& du, const auto& u, const auto& p, auto /*t*/) {
  du[0] = p[0] * u[0] - p[1] * u[0] * u[1];
  du[1] = -p[2] * u[1] + p[3] * u[0] * u[1];
};
const std::vector<double> parameters{1.5, 1.0, 3.0, 1.0};
constexpr std::size_t samples = 4;
Matrix<double> starts() {
  Matrix<double> m(2, samples);
  for (std::size_t j = 0; j < samples; ++j) m(0, j) = 1 + 0.2 * double(j), m(1, j) = 1 - 0.1 * double(j);
  return m;
}
const SolveOptions tight{.abstol = 1e-11, .reltol = 1e-11, .saveat = 0.25};

/// d/d(u0, p) of Σ (u − 1/2)², in one row.
template <class Sensitivity>
std::vector<double> by_batch(const Sensitivity& sensitivity) {
  const auto [value, by_u0, by_p] = value_and_gradient(
      [&](const auto& u0, const auto& p) {
        return squared_error(
            solve(ODEProblem(lotka_volterra, u0, {0.0, 1.0}, p), Tsit5{}, tight, sensitivity), 0.5);
      },
      starts(), parameters);
  std::vector<double> all(by_u0.data(), by_u0.data() + by_u0.size());
  all.insert(all.end(), by_p.begin(), by_p.end());
  return all;
}
std::vector<double> by_columns() {
  std::vector<double> all(2 * samples + 4);
  for (std::size_t j = 0; j < samples; ++j) {
    const auto [value, by_u0, by_p] = value_and_gradient(
        [&](const auto& u0, const auto& p) {
          return squared_error(solve(ODEProblem(one, u0, {0.0, 1.0}, p), Tsit5{}, tight), 0.5);
        },
        Vector{starts()(0, j), starts()(1, j)}, parameters);
    all[2 * j] = by_u0[0], all[2 * j + 1] = by_u0[1];
    for (std::size_t k = 0; k < 4; ++k) all[2 * samples + k] += by_p[k];
  }
  return all;
}
template <class Sensitivity>
void expect_gradient_of_columns(const Sensitivity& sensitivity, double tolerance) {
  const auto got = by_batch(sensitivity), wanted = by_columns();
  ASSERT_EQ(got.size(), wanted.size());
  for (std::size_t k = 0; k < wanted.size(); ++k)
    EXPECT_NEAR(got[k], wanted[k], tolerance * (1 + std::abs(wanted[k]))) << k;
}

TEST(MatrixState, DiscreteAdjoint) {
  expect_gradient_of_columns(DiscreteAdjoint{}, 1e-8);
  expect_gradient_of_columns(DiscreteAdjoint{.checkpoints = 3}, 1e-8);
}
TEST(MatrixState, ForwardSensitivity) {
  expect_gradient_of_columns(ForwardSensitivity{}, 1e-8);
}
TEST(MatrixState, FiniteDifference) {
  expect_gradient_of_columns(FiniteDifference{}, 1e-7);
}
TEST(MatrixState, InterpolatingAdjoint) {
  expect_gradient_of_columns(InterpolatingAdjoint{}, 1e-7);
}
TEST(MatrixState, GaussAdjoint) {
  expect_gradient_of_columns(GaussAdjoint{}, 1e-7);
}

TEST(MatrixState, TakesAVjpAndAJacobianOfMatrices) {
  const auto vjp = [](auto& ubar, auto& pbar, const auto& lambda, const auto& u, const auto& p, auto /*t*/) {
    for (std::size_t j = 0; j < u.cols(); ++j) {
      const double x = u(0, j), y = u(1, j), a = lambda(0, j), b = lambda(1, j);
      ubar(0, j) += a * (p[0] - p[1] * y) + b * p[3] * y;
      ubar(1, j) += -a * p[1] * x + b * (p[3] * x - p[2]);
      pbar[0] += a * x, pbar[1] -= a * x * y, pbar[2] -= b * y, pbar[3] += b * x * y;
    }
  };
  const auto jacobian = [](auto& j, const auto& u, const auto& p, auto /*t*/) {
    for (std::size_t s = 0; s < u.cols(); ++s) {
      j(2 * s, 2 * s) = p[0] - p[1] * u(1, s), j(2 * s, 2 * s + 1) = -p[1] * u(0, s);
      j(2 * s + 1, 2 * s) = p[3] * u(1, s), j(2 * s + 1, 2 * s + 1) = p[3] * u(0, s) - p[2];
    }
  };
  const auto by = [&](const auto& f, std::string_view route) {
    return gradient(
        [&](const auto& u0) {
          const auto solution = solve(ODEProblem(f, u0, {0.0, 1.0}, parameters), Tsit5{}, tight);
          EXPECT_EQ(solution.statistics().vjp_route, route);
          return squared_error(solution, 0.5);
        },
        starts());
  };
  const auto duals = by(ODEFunction(lotka_volterra), "dual numbers");
  const auto given = by(ODEFunction(lotka_volterra).with_vjp(vjp), "with_vjp");
  const auto by_jacobian = by(ODEFunction(lotka_volterra).with_jacobian(jacobian), "with_jacobian");
  for (std::size_t k = 0; k < duals.size(); ++k) {
    EXPECT_NEAR(given.data()[k], duals.data()[k], 1e-10);
    EXPECT_NEAR(by_jacobian.data()[k], duals.data()[k], 1e-10);
  }
}

TEST(MatrixState, HessianVectorProduct) {
  const std::vector<double> direction{0.3, -0.2, 0.5, 0.1};
  const auto loss = [&](const auto& f, const auto& u0, const auto& p) {
    return squared_error(solve(ODEProblem(f, u0, {0.0, 1.0}, p), Tsit5{}, tight), 0.5);
  };
  const auto together = hessian_vector_product(
      [&](const auto& p) { return loss(lotka_volterra, starts(), p); }, parameters, direction);
  Vector<double> total(4);
  for (std::size_t j = 0; j < samples; ++j) {
    const auto alone = hessian_vector_product(
        [&](const auto& p) {
          return loss(one, Vector{starts()(0, j), starts()(1, j)}, p);
        },
        parameters, direction);
    for (std::size_t k = 0; k < 4; ++k) total[k] += alone[k];
  }
  for (std::size_t k = 0; k < 4; ++k) EXPECT_NEAR(together[k], total[k], 1e-6 * std::abs(total[k]));
}

TEST(MatrixState, GradientByTheEndsOfTheSpan) {
  const auto at_end = [&](const auto& times) {
    return sum(solve(ODEProblem(lotka_volterra, starts(), TimeSpan{times[0], times[1]}, parameters), Tsit5{},
                     {.abstol = 1e-11, .reltol = 1e-11, .save_everystep = false})
                   .back());
  };
  const auto g = gradient(at_end, Vector{0.0, 1.0});
  const double h = 1e-5;
  EXPECT_NEAR(g[1], (at_end(Vector{0.0, 1.0 + h}) - at_end(Vector{0.0, 1.0 - h})) / (2 * h), 1e-5);
}

}  // namespace
}  // namespace costate
