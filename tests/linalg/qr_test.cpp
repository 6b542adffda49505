#include <costate/linalg/qr.hpp>

#include <cmath>
#include <gtest/gtest.h>

namespace costate {
namespace {

template <class T>
Matrix<T> some_matrix(std::size_t m, std::size_t n) {
  Matrix<T> a(m, n);
  for (std::size_t j = 0; j < n; ++j)
    for (std::size_t i = 0; i < m; ++i)
      a(i, j) = static_cast<T>(std::sin(double(7 * i * i + 3 * j + i * j + 1)));
  return a;
}

template <class T>
class QRTest : public testing::Test {};
using Numbers = testing::Types<float, double>;
TYPED_TEST_SUITE(QRTest, Numbers);

TYPED_TEST(QRTest, LeastSquaresLeavesAResidualAtRightAngles) {
  using T = TypeParam;
  const double rounding = std::is_same_v<T, float> ? 1e-4 : 1e-12;
  for (const auto& [m, n] : {std::pair(6u, 3u), std::pair(4u, 4u), std::pair(50u, 20u), std::pair(1u, 1u)}) {
    const auto a = some_matrix<T>(m, n);
    Vector<T> b(m);
    for (std::size_t i = 0; i < m; ++i) b[i] = static_cast<T>(std::cos(double(i)));
    const linalg::QR<T> qr(a);
    EXPECT_EQ(qr.rank(), n);
    const Vector<T> r = a * qr.solve(b) - b, normal = transpose(a) * r;
    for (const T v : normal) EXPECT_NEAR(v, 0, rounding);
  }
}

TYPED_TEST(QRTest, FindsTheRank) {
  using T = TypeParam;
  auto a = some_matrix<T>(6, 4);
  for (std::size_t i = 0; i < 6; ++i) a(i, 3) = a(i, 0) - 2 * a(i, 1);
  const linalg::QR<T> qr(a);
  EXPECT_EQ(qr.rank(), 3u);
  EXPECT_TRUE(std::isnan(qr.inverse_gram()(0, 0)));
  EXPECT_EQ(linalg::QR<T>(Matrix<T>(3, 2)).rank(), 0u);
  EXPECT_EQ(linalg::QR<T>(some_matrix<T>(2, 5)).rank(), 2u);
}

TYPED_TEST(QRTest, InvertsTheGramMatrix) {
  using T = TypeParam;
  const auto a = some_matrix<T>(9, 4);
  const Matrix<T> product = linalg::QR<T>(a).inverse_gram() * (transpose(a) * a);
  for (std::size_t j = 0; j < 4; ++j)
    for (std::size_t i = 0; i < 4; ++i)
      EXPECT_NEAR(product(i, j), i == j ? 1 : 0, (std::is_same_v<T, float> ? 1e-4 : 1e-12));
}

TYPED_TEST(QRTest, DoesNotCountWhatIsNotFinite) {
  using T = TypeParam;
  auto a = some_matrix<T>(3, 2);
  a(1, 1) = std::numeric_limits<T>::infinity();
  EXPECT_LT(linalg::QR<T>(a).rank(), 2u);
}

TEST(QR, RefusesAVectorOfAnotherSize) {
  EXPECT_THROW(linalg::QR<double>(some_matrix<double>(3, 2)).solve(Vector<double>(2)), std::invalid_argument);
}

}  // namespace
}  // namespace costate
