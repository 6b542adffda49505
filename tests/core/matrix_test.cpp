#include <costate/ad/dual.hpp>
#include <costate/core/matrix.hpp>

#include <contracts/refusal.hpp>
#include <gtest/gtest.h>
#include <stdexcept>
#include <string>
#include <type_traits>

namespace costate {
namespace {

TEST(Matrix, ListsRowsAndStoresColumns) {
  const Matrix<double, 2, 3> a{{1, 2, 3}, {4, 5, 6}};
  EXPECT_EQ(a(0, 2), 3);
  EXPECT_EQ(a(1, 0), 4);
  const double stored[] = {1, 4, 2, 5, 3, 6};
  for (std::size_t k = 0; k < 6; ++k) EXPECT_EQ(a.data()[k], stored[k]);
  const Matrix<double> b{{1, 2, 3}, {4, 5, 6}};
  EXPECT_EQ(b.rows(), 2u);
  EXPECT_EQ(b.cols(), 3u);
  EXPECT_EQ(b(1, 2), 6);
  const Matrix<double, 2> half{{1, 2, 3}, {4, 5, 6}};
  EXPECT_EQ(half.cols(), 3u);
  EXPECT_EQ(half(1, 2), 6);
}

TEST(Matrix, IsZeroUnlessGiven) {
  const Matrix<double, 3, 3> fixed;
  const Matrix<float> run_time(4, 5);
  for (std::size_t k = 0; k < 9; ++k) EXPECT_EQ(fixed.data()[k], 0);
  for (std::size_t k = 0; k < 20; ++k) EXPECT_EQ(run_time.data()[k], 0);
  EXPECT_EQ(Matrix<double>().size(), 0u);
}

TEST(Matrix, ShowsColumnsAsViews) {
  Matrix<double> a(2, 3);
  auto column = a.column(2);
  column[1] = 7;
  EXPECT_EQ(a(1, 2), 7);
  const Matrix<double, 2, 2> b{{1, 2}, {3, 4}};
  static_assert(extent_of<decltype(b.column(0))> == 2);
  EXPECT_EQ(b.column(1)[1], 4);
  const auto of_temporary = Matrix<double>(a).column(2);
  static_assert(std::is_same_v<decltype(of_temporary), const Vector<double>>);
  EXPECT_EQ(of_temporary[1], 7);
}

TEST(Matrix, MultipliesVectorsAndMatrices) {
  const Matrix<double, 2, 3> a{{1, 2, 3}, {4, 5, 6}};
  const auto y = a * Vector{1.0, 0.0, -1.0};
  static_assert(extent_of<decltype(y)> == 2);
  EXPECT_EQ(y[0], -2);
  EXPECT_EQ(y[1], -2);
  const auto square = a * transpose(a);
  static_assert(std::is_same_v<decltype(square), const Matrix<double, 2, 2>>);
  EXPECT_EQ(square(0, 0), 14);
  EXPECT_EQ(square(0, 1), 32);
  EXPECT_EQ(square(1, 1), 77);
  const Matrix<double> run_time{{2, 0}, {0, 3}};
  EXPECT_EQ((run_time * a)(1, 2), 18);
  EXPECT_EQ((run_time * Vector<double>{1, 1})[1], 3);
}

TEST(Matrix, AddsSubtractsAndScales) {
  const Matrix<double, 2, 2> a{{1, 2}, {3, 4}};
  EXPECT_EQ((a + a)(1, 0), 6);
  EXPECT_EQ((a - 0.5 * a)(1, 1), 2);
  const Matrix<Dual<double, 1>, 2, 2> d = Dual<double, 1>::variable(2, 0) * a;
  EXPECT_EQ(d(0, 1).value, 4);
  EXPECT_EQ(d(0, 1).partial[0], 2);
}

TEST(Matrix, SaysWhichSizesDoNotAgree) {
  const Matrix<double> a(2, 3), b(2, 2);
  EXPECT_EQ(refusal_of([&] { a* Vector<double>(2); }), "matrix times vector: want 3 numbers, got 2");
  EXPECT_EQ(refusal_of([&] { a* b; }), "matrix times matrix (rows): want 3 numbers, got 2");
  EXPECT_THROW(a + b, std::invalid_argument);
  EXPECT_THROW(a - b, std::invalid_argument);
  EXPECT_EQ(refusal_of([] { Matrix<double>{{1, 2}, {3}}; }), "Matrix row: want 2 numbers, got 1");
  EXPECT_EQ(refusal_of([] { Matrix<double, 2, 2>(3, 2); }), "Matrix rows: want 2 numbers, got 3");
  EXPECT_EQ(refusal_of([] {
              Matrix<double, 2, 2>{{1, 2, 3}, {1, 2, 3}};
            }),
            "Matrix columns: want 2 numbers, got 3");
  // as many numbers in another shape are no match
  EXPECT_THROW(Matrix<double>(2, 3) + Matrix<double>(3, 2), std::invalid_argument);
}

TEST(Matrix, LeavesNothingBehindWhenMoved) {
  Matrix<double> a(2, 2);
  a(1, 1) = 5;
  Matrix<double> b = std::move(a);
  EXPECT_EQ(b(1, 1), 5);
  a = Matrix<double>(1, 3);
  EXPECT_EQ(a.cols(), 3u);
  EXPECT_EQ(a.size(), 3u);
}

}  // namespace
}  // namespace costate
