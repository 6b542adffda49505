#include <costate/ad/gradient.hpp>
#include <costate/linalg/lu.hpp>
#include <costate/random/philox.hpp>

#include <cmath>
#include <contracts/refusal.hpp>
#include <gtest/gtest.h>
#include <limits>
#include <string>
#include <vector>

namespace costate {
namespace {

using linalg::LU;

template <class T, std::size_t N = dynamic>
Matrix<T, N, N> random_matrix(std::size_t n, std::uint64_t seed) {
  Matrix<T, N, N> a(n, n);
  for (std::size_t i = 0; i < n * n; ++i) a.data()[i] = static_cast<T>(2 * uniform(seed, 0, i) - 1);
  return a;
}
template <class T, std::size_t N = dynamic>
Vector<T, N> random_vector(std::size_t n, std::uint64_t seed) {
  auto b = detail::zeros<T, N>(n);
  for (std::size_t i = 0; i < n; ++i) b[i] = static_cast<T>(2 * uniform(seed, 1, i) - 1);
  return b;
}

/// |A x − b| ≤ 10 n² ε |A| |x| in the maximum norms: the backward error of elimination, with a growth factor
/// of ten.
template <class M, class X, class B>
void expect_solves(const M& a, const X& x, const B& b) {
  using T = base_t<scalar_of<X>>;
  double residual = 0, largest = 0, size = 0;
  const auto ax = a * x;
  for (std::size_t i = 0; i < b.size(); ++i) {
    residual = std::fmax(residual, std::abs(double(ax[i]) - double(b[i])));
    size = std::fmax(size, std::abs(double(x[i])));
    EXPECT_TRUE(std::isfinite(x[i]));
  }
  for (std::size_t k = 0; k < a.size(); ++k) largest = std::fmax(largest, std::abs(double(a.data()[k])));
  const double n = double(b.size());
  EXPECT_LE(residual, 10 * n * n * double(std::numeric_limits<T>::epsilon()) * largest * size) << b.size();
}

template <class T, std::size_t N>
void check_size() {
  for (std::uint64_t seed = 1; seed <= 5; ++seed) {
    const auto a = random_matrix<T, N>(N, seed);
    const auto b = random_vector<T, N>(N, seed);
    const LU<T, N> lu(a);
    ASSERT_FALSE(lu.singular());
    const Vector<T, N> x = lu.solve(b);
    expect_solves(a, x, b);
    expect_solves(transpose(a), lu.solve_transposed(b), b);
    // the run-time size makes the same choices in the same arithmetic
    const LU<T> run_time(a);
    const auto again = run_time.solve(b);
    const T scale = std::numeric_limits<T>::epsilon() * T(1000 * N);
    for (std::size_t i = 0; i < N; ++i) EXPECT_NEAR(again[i], x[i], scale * (1 + std::abs(x[i]))) << N;
    EXPECT_NEAR(run_time.determinant(), lu.determinant(), scale * (1 + std::abs(lu.determinant())));
  }
}

TEST(LU, SolvesRandomMatricesOfEverySize) {
  [&]<std::size_t... I>(std::index_sequence<I...>) {
    (check_size<double, I + 1>(), ...);
  }
  (std::make_index_sequence<12>());
  check_size<float, 3>();
  check_size<float, 9>();
}

TEST(LU, SolvesLargerMatricesOfRunTimeSize) {
  for (const std::size_t n : {20u, 60u}) {
    const auto a = random_matrix<double>(n, n);
    const auto b = random_vector<double>(n, n);
    LU<double> lu;
    EXPECT_TRUE(lu.factor(a));
    expect_solves(a, lu.solve(b), b);
    const auto af = random_matrix<float>(n, n);
    const auto bf = random_vector<float>(n, n);
    expect_solves(af, LU(af).solve(bf), bf);
  }
}

TEST(LU, ExchangesRowsWhereAPivotIsZeroOrSmall) {
  const Matrix<double, 3, 3> a{{0, 2, 1}, {1e-20, 1, 4}, {3, 0, 0}};
  const LU lu(a);
  const auto x = lu.solve(Vector{4.0, 9.0, 6.0});
  EXPECT_NEAR(x[0], 2, 1e-15);
  EXPECT_NEAR(x[1], 1, 1e-14);
  EXPECT_NEAR(x[2], 2, 1e-14);
  EXPECT_NEAR(lu.determinant(), 21, 1e-13);  // expanded along the last row: 3 (2·4 − 1·1)
  const LU cyclic(Matrix<double, 3, 3>{{0, 1, 0}, {0, 0, 1}, {1, 0, 0}});
  EXPECT_EQ(cyclic.determinant(), 1);
  EXPECT_EQ(LU(Matrix<double, 2, 2>{{0, 1}, {1, 0}}).determinant(), -1);
  // without exchanging rows, 1e-20 as a pivot would lose x[0]
  const auto y = LU(Matrix<double, 2, 2>{{1e-20, 1}, {1, 1}}).solve(Vector{1.0, 2.0});
  EXPECT_NEAR(y[0], 1, 1e-15);
  EXPECT_NEAR(y[1], 1, 1e-15);
}

template <class M>
void expect_singular(const M& a, double determinant) {
  const LU lu(a);
  EXPECT_TRUE(lu.singular());
  EXPECT_EQ(lu.determinant(), determinant);
  for (const double x : lu.solve(Vector<double>(a.rows()))) EXPECT_TRUE(std::isnan(x));
  for (const double x : lu.solve_transposed(Vector<double>(a.rows()))) EXPECT_TRUE(std::isnan(x));
}

TEST(LU, SaysThatAMatrixIsSingular) {
  expect_singular(Matrix<double, 2, 2>{{1, 2}, {2, 4}}, 0);
  expect_singular(Matrix<double>{{1, 2}, {2, 4}}, 0);
  expect_singular(Matrix<double, 1, 1>{{0}}, 0);
  expect_singular(Matrix<double, 3, 3>{{0, 1, 2}, {0, 3, 4}, {0, 5, 6}}, 0);
  expect_singular(Matrix<double, 10, 10>(), 0);
  expect_singular(Matrix<double>{{0, 1, 2}, {0, 3, 4}, {0, 5, 6}}, 0);
}

TEST(LU, TreatsNumbersThatAreNotFiniteAsSingular) {
  const double infinity = std::numeric_limits<double>::infinity(), nan = std::nan("");
  for (const double bad : {infinity, -infinity, nan}) {
    for (std::size_t place = 0; place < 4; ++place) {
      Matrix<double, 2, 2> a{{1, 2}, {3, 4}};
      a.data()[place] = bad;
      EXPECT_TRUE(LU(a).singular()) << bad << " at " << place;
      EXPECT_TRUE(std::isnan(LU(a).solve(Vector{1.0, 1.0})[0]));
      EXPECT_FALSE(std::isfinite(LU(a).determinant()));
    }
  }
}

TEST(LU, KeepsTheDeterminantWhereOnlyTheReciprocalOfAPivotOverflows) {
  const LU lu(Matrix<double, 2, 2>{{1e-310, 0}, {1e-310, 1e300}});
  EXPECT_TRUE(lu.singular());
  EXPECT_NEAR(lu.determinant() / 1e-10, 1, 1e-12);
}

TEST(LU, IsAValueThatCanBeFactoredAgain) {
  LU<double> lu(random_matrix<double>(7, 3));
  const LU<double> copy = lu;
  const Matrix<double> twice{{2, 0}, {0, 2}};
  EXPECT_TRUE(lu.factor(twice));
  EXPECT_EQ(lu.size(), 2u);
  EXPECT_EQ(lu.solve(Vector{2.0, 4.0})[1], 2);
  EXPECT_FALSE(lu.factor(Matrix<double>(3, 3)));
  EXPECT_TRUE(lu.factor(twice));
  EXPECT_FALSE(lu.singular());
  const auto b = random_vector<double>(7, 3);
  expect_solves(random_matrix<double>(7, 3), copy.solve(b), b);
}

TEST(LU, TakesVectorsViewsAndStdVectors) {
  const LU lu(Matrix<double>{{2, 0}, {0, 4}});
  const std::vector<double> b{2, 8};
  EXPECT_EQ(lu.solve(b)[1], 2);
  EXPECT_EQ(lu.solve(VectorView<const double>(b.data(), 2))[0], 1);
  EXPECT_EQ(lu.solve(Vector{2, 8})[1], 2);
}

/// Derivative of x = A⁻¹ b in the direction (A', b'):  x' = A⁻¹ (b' − A' x).
template <std::size_t N>
void check_tangent(std::size_t n) {
  const auto a = random_matrix<double, N>(n, 11), da = random_matrix<double, N>(n, 12);
  const auto b = random_vector<double, N>(n, 11), db = random_vector<double, N>(n, 12);
  using D = Dual<double, 1>;
  Matrix<D, N, N> ad(n, n);
  auto bd = detail::zeros<D, N>(n);
  for (std::size_t k = 0; k < n * n; ++k)
    ad.data()[k].value = a.data()[k], ad.data()[k].partial[0] = da.data()[k];
  for (std::size_t i = 0; i < n; ++i) bd[i].value = b[i], bd[i].partial[0] = db[i];

  const LU plain_lu(a);
  const auto x = plain_lu.solve(b);
  const auto expected = plain_lu.solve(db - da * x);
  const LU lu(ad);
  const auto y = lu.solve(bd);
  const auto by_b = plain_lu.solve(bd);  // plain factors, differentiated right-hand side
  const auto expected_by_b = plain_lu.solve(db);
  const auto transposed = lu.solve_transposed(bd);
  const auto xt = plain_lu.solve_transposed(b);
  const auto expected_transposed = plain_lu.solve_transposed(db - transpose(da) * xt);
  double trace = 0;  // d det A = det A tr(A⁻¹ A')
  for (std::size_t j = 0; j < n; ++j) trace += plain_lu.solve(da.column(j))[j];
  for (std::size_t i = 0; i < n; ++i) {
    EXPECT_NEAR(y[i].value, x[i], 1e-12 * (1 + std::abs(x[i])));
    EXPECT_NEAR(y[i].partial[0], expected[i], 1e-10 * (1 + std::abs(expected[i])));
    EXPECT_NEAR(by_b[i].partial[0], expected_by_b[i], 1e-10 * (1 + std::abs(expected_by_b[i])));
    EXPECT_NEAR(transposed[i].partial[0], expected_transposed[i],
                1e-10 * (1 + std::abs(expected_transposed[i])));
  }
  const double expected_determinant = plain_lu.determinant() * trace;
  EXPECT_NEAR(lu.determinant().partial[0], expected_determinant,
              1e-10 * (1 + std::abs(expected_determinant)));
}

TEST(LU, CarriesTangentsThroughASolve) {
  check_tangent<3>(3);
  check_tangent<10>(10);
  check_tangent<dynamic>(6);
}

TEST(LU, IsPulledBackThroughASolve) {
  // the cotangents of A and b for g·x: b̄ = A⁻ᵀ g, Ā = −b̄ xᵀ
  constexpr std::size_t n = 4;
  const auto a = random_matrix<double, n>(n, 21);
  const auto b = random_vector<double, n>(n, 21), g = random_vector<double, n>(n, 22);
  const auto loss = [&](const auto& numbers, const auto& right) {
    using S = scalar_of<decltype(numbers)>;
    Matrix<S, n, n> m;
    for (std::size_t k = 0; k < n * n; ++k) m.data()[k] = numbers[k];
    return dot(g, LU(m).solve(right));
  };
  const Vector<double, n * n> flat(VectorView<const double, n * n>(a.data()));
  const auto [value, abar, bbar] = value_and_gradient(loss, flat, b);
  const LU lu(a);
  const auto x = lu.solve(b), expected = lu.solve_transposed(g);
  EXPECT_NEAR(value, dot(g, x), 1e-12);
  for (std::size_t i = 0; i < n; ++i) {
    EXPECT_NEAR(bbar[i], expected[i], 1e-11 * (1 + std::abs(expected[i])));
    for (std::size_t j = 0; j < n; ++j)
      EXPECT_NEAR(abar[i + n * j], -expected[i] * x[j], 1e-10 * (1 + std::abs(expected[i] * x[j])));
  }
}

TEST(LU, SaysThatTheDerivativeOfASingularDeterminantIsUnknown) {
  using D = Dual<double, 1>;
  Matrix<D, 2, 2> a;  // det = a₀₀ a₁₁ − a₀₁ a₁₀ with derivative 5 · 7 − … at a matrix whose first column is 0
  a(0, 1) = 5, a(1, 1) = 7, a(1, 0).partial[0] = 1;
  EXPECT_TRUE(std::isnan(LU(a).determinant().value));
}

TEST(LU, RefusesMisuse) {
  EXPECT_EQ(refusal_of([] { LU lu(Matrix<double>(2, 3)); }),
            "LU: matrix: want as many rows as columns, got 2 x 3");
  EXPECT_EQ(refusal_of([] { LU<double, 2> lu(Matrix<double>(3, 3)); }), "LU: rows: want 2 numbers, got 3");
  EXPECT_EQ(refusal_of([] {
              LU<double, 2>().solve(Vector{1.0, 2.0});
            }),
            "LU::solve: want a matrix that was factored, got none");
  EXPECT_EQ(refusal_of([] { LU<double>().determinant(); }),
            "LU::determinant: want a matrix that was factored, got none");
  EXPECT_EQ(refusal_of([] { LU(Matrix<double>{{1}}).solve(Vector<double>(2)); }),
            "LU::solve: right-hand side: want 1 numbers, got 2");
}

}  // namespace
}  // namespace costate
