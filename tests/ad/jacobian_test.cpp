#include <costate/ad/jacobian.hpp>

#include <cmath>
#include <gtest/gtest.h>
#include <stdexcept>
#include <vector>

namespace costate {
namespace {

const auto coupled = [](const auto& x) {
  using S = scalar_of<decltype(x)>;
  S total(0);
  for (std::size_t i = 0; i + 1 < x.size(); ++i) total += costate::sin(x[i]) * x[i + 1] * x[i + 1];
  return total;
};
std::vector<double> point(std::size_t n) {
  std::vector<double> x(n);
  for (std::size_t i = 0; i < n; ++i) x[i] = 0.3 + 0.1 * static_cast<double>(i * i % 7);
  return x;
}

}  // namespace

TEST(Jacobian, IsOutputsByInputs) {
  const auto j = jacobian(
      [](const auto& x) {
        return Vector{x[0] * x[1], x[1] * x[2], x[0] + x[2], 2.0 * x[1]};
      },
      Vector{2.0, 3.0, 5.0});
  const double expected[4][3] = {{3, 2, 0}, {0, 5, 3}, {1, 0, 1}, {0, 2, 0}};
  ASSERT_EQ(j.rows(), 4u);
  ASSERT_EQ(j.cols(), 3u);
  for (std::size_t i = 0; i < 4; ++i)
    for (std::size_t k = 0; k < 3; ++k) EXPECT_EQ(j(i, k), expected[i][k]);
}

TEST(Jacobian, TakesMoreInputsThanOnePassHolds) {
  for (const std::size_t n : {1u, 7u, 8u, 9u, 20u}) {
    const auto x = point(n);
    const auto squares = [](const auto& v) {
      auto y = v;
      for (std::size_t i = 0; i < v.size(); ++i) y[i] = v[i] * v[i];
      return y;
    };
    const auto j = jacobian(squares, x);
    for (std::size_t i = 0; i < n; ++i)
      for (std::size_t k = 0; k < n; ++k) EXPECT_EQ(j(i, k), i == k ? 2 * x[i] : 0.0);
  }
}

TEST(Jacobian, InsideAGradientLiftsItsPoint) {
  // trace of the Jacobian of (x² y, x y²) is 4 x y
  const auto trace = [](const auto& x) {
    const auto j = jacobian([](const auto& v) { return Vector{v[0] * v[0] * v[1], v[0] * v[1] * v[1]}; }, x);
    return j(0, 0) + j(1, 1);
  };
  const auto g = gradient(trace, Vector{1.5, -0.7});
  EXPECT_NEAR(g[0], 4 * -0.7, 1e-15);
  EXPECT_NEAR(g[1], 4 * 1.5, 1e-15);
}

TEST(Hessian, IsSymmetricAndAgreesWithTheClosedForm) {
  for (const std::size_t n : {2u, 8u, 11u}) {
    const auto x = point(n);
    const auto h = hessian(coupled, x);
    for (std::size_t i = 0; i < n; ++i) {
      double diagonal = 0;
      if (i + 1 < n) diagonal -= std::sin(x[i]) * x[i + 1] * x[i + 1];
      if (i > 0) diagonal += 2 * std::sin(x[i - 1]);
      EXPECT_NEAR(h(i, i), diagonal, 1e-14);
      if (i + 1 < n) {
        EXPECT_NEAR(h(i, i + 1), 2 * std::cos(x[i]) * x[i + 1], 1e-14);
      }
      for (std::size_t k = 0; k < i; ++k) EXPECT_NEAR(h(i, k), h(k, i), 1e-14);
    }
  }
}

TEST(HessianVectorProduct, IsTheHessianTimesTheDirection) {
  const auto x = point(11);
  std::vector<double> direction(11);
  for (std::size_t i = 0; i < 11; ++i) direction[i] = std::cos(static_cast<double>(i));
  const auto h = hessian(coupled, x);
  const auto product = hessian_vector_product(coupled, x, direction);
  for (std::size_t i = 0; i < 11; ++i) {
    double expected = 0;
    for (std::size_t k = 0; k < 11; ++k) expected += h(i, k) * direction[k];
    EXPECT_NEAR(product[i], expected, 1e-13);
  }
  EXPECT_THROW(hessian_vector_product(coupled, x, std::vector<double>{1.0}), std::invalid_argument);
}

}  // namespace costate
