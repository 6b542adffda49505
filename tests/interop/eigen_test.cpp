#include <costate/ad/gradient.hpp>
#include <costate/interop/eigen.hpp>
#include <costate/losses/reductions.hpp>
#include <costate/methods/tsit5.hpp>
#include <costate/nn/chain.hpp>
#include <costate/nn/dense.hpp>
#include <costate/problems/ode_problem.hpp>
#include <costate/sensitivity/check_gradient.hpp>
#include <costate/sensitivity/discrete_adjoint.hpp>
#include <costate/solve/solve.hpp>

#include <Eigen/LU>
#include <cmath>
#include <gtest/gtest.h>
#include <stdexcept>

namespace costate {
namespace {

TEST(Eigen, ViewsShareTheNumbers) {
  Eigen::Vector3d small(1, 2, 3);
  const auto view = detail::as_vector_like(small);
  static_assert(std::is_same_v<decltype(view), const VectorView<const double, 3>>);
  EXPECT_EQ(view.data(), small.data());

  Eigen::VectorXf large = Eigen::VectorXf::LinSpaced(7, 0, 6);
  EXPECT_EQ(detail::as_vector_like(large.segment(2, 4))[1], 3.0f);
  EXPECT_EQ(detail::as_vector_like(Eigen::Ref<const Eigen::VectorXf>(large)).data(), large.data());
  EXPECT_EQ(detail::as_vector_like(Eigen::RowVector2d(4, 5))[1], 5.0);

  Eigen::MatrixXd batch(2, 3);
  batch << 1, 2, 3, 4, 5, 6;
  const auto matrix = detail::as_vector_like(batch);
  EXPECT_EQ(matrix.data(), batch.data());
  EXPECT_EQ(matrix(1, 2), 6.0);
  EXPECT_THROW((void)detail::as_vector_like(batch.topRows(1).leftCols(2)), std::invalid_argument)
      << "rows apart in memory";
}

TEST(Eigen, MapsWriteThrough) {
  Vector<double, 2> x{1.0, 2.0};
  as_eigen(x) *= 3.0;
  EXPECT_EQ(x[1], 6.0);
  Matrix<double> m{{1, 2}, {3, 4}};
  as_eigen(m) = as_eigen(m).inverse().eval();
  EXPECT_NEAR(m(0, 0), -2.0, 1e-15);
  EXPECT_NEAR(m(1, 0), 1.5, 1e-15);
  const auto read_only = as_eigen(std::as_const(x));
  EXPECT_EQ(read_only.sum(), 9.0);
}

// u' = A u + q: the state and the parameters are Eigen's, and so is the arithmetic of f
// [model]
struct Model {
  Eigen::Matrix3d a;
  template <class DU, class U, class P, class Time>
  void operator()(DU& du, const U& u, const P& p, const Time&) const {
    as_eigen(du) = a * as_eigen(u) + as_eigen(p).cwiseProduct(as_eigen(u)).cwiseAbs2();
  }
};
// [/model]

Model model() {
  Model m;
  m.a << -0.5, 1.0, 0.2, -1.0, -0.4, 0.1, 0.3, -0.2, -0.6;
  return m;
}

auto loss_of_parameters(const auto& u0) {
  return [problem = ODEProblem(model(), u0, {0.0, 1.5}, Eigen::Vector3d::Zero().eval())](const auto& q) {
    const auto solution = solve(problem.with_p(q), Tsit5{}, {.abstol = 1e-9, .reltol = 1e-9, .saveat = 0.5});
    return squared_error(solution, 0.3) + 0.7 * solution.back()[1];
  };
}

TEST(Eigen, DifferentiatesThroughEigensProducts) {
  const Eigen::Vector3d u0(1.0, 0.5, -0.2), p(0.3, -0.4, 0.2);
  const auto report = check_gradient(loss_of_parameters(u0), p);
  EXPECT_LT(report.max_relative_difference, 1e-7);
  EXPECT_GT(std::fabs(report.reverse[1]), 1e-3);

  const auto sized_at_run_time = gradient(loss_of_parameters(Eigen::VectorXd(u0)), Eigen::VectorXd(p));
  for (std::size_t i = 0; i < 3; ++i) EXPECT_NEAR(sized_at_run_time[i], report.reverse[i], 1e-7);
}

TEST(Eigen, ReturnsFromARightHandSide) {
  const Model m = model();
  const auto f = [&](const auto& u, const auto& /*p*/, auto /*t*/) { return (m.a * as_eigen(u)).eval(); };
  const auto in_place = [&](auto& du, const auto& u, const auto& /*p*/, auto /*t*/) {
    as_eigen(du) = m.a * as_eigen(u);
  };
  const Eigen::Vector3d u0(1, 2, 3);
  const auto a = solve(ODEProblem(f, u0, {0.0, 1.0}), Tsit5{});
  const auto b = solve(ODEProblem(in_place, u0, {0.0, 1.0}), Tsit5{});
  for (std::size_t i = 0; i < 3; ++i) EXPECT_EQ(a.back()[i], b.back()[i]);
}

// d log det A / dA = A⁻ᵀ, through Eigen's own factorization
TEST(Eigen, DifferentiatesThroughAFactorization) {
  const Vector<double, 9> entries{4.0, 1.0, 0.5, -1.0, 3.0, 0.2, 0.7, -0.6, 5.0};
  const auto log_det = [](const auto& x) {
    const Eigen::Matrix3<scalar_of<decltype(x)>> a = as_eigen(x).reshaped(3, 3);
    return log(Eigen::PartialPivLU<std::remove_cvref_t<decltype(a)>>(a).determinant());
  };
  const auto g = gradient(log_det, entries);
  const Eigen::Matrix3d expected = as_eigen(entries).reshaped(3, 3).inverse().transpose();
  for (std::size_t i = 0; i < 9; ++i) EXPECT_NEAR(g[i], expected.reshaped()[detail::to_index(i)], 1e-14);
}

TEST(Eigen, BatchesAndLayersTakeItsMatrices) {
  const Chain net{Dense<2, 4, activation::tanh>{}, Dense<4, 2>{}};
  const auto p = net.initial_parameters<double>(1);
  const Eigen::VectorXd q = as_eigen(p);
  Eigen::MatrixXd x(2, 3);
  x << 1, -2, 0.5, 0.3, 0.1, -1;
  const auto y = net(x, q);
  for (std::size_t j = 0; j < 3; ++j) {
    const auto column = net(Eigen::Vector2d(x.col(detail::to_index(j))), q);
    for (std::size_t i = 0; i < 2; ++i) EXPECT_NEAR(y(i, j), column[i], 1e-15);
  }
  const auto solution =
      solve(ODEProblem([&](const auto& u, const auto& w, auto /*t*/) { return net(u, w); }, x, {0.0, 1.0}, q),
            Tsit5{});
  EXPECT_EQ(solution.back().rows(), 2u);
  EXPECT_EQ(solution.back().cols(), 3u);
}

}  // namespace
}  // namespace costate
