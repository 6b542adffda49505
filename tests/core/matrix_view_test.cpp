#include <costate/core/matrix.hpp>
#include <costate/core/matrix_view.hpp>

#include <gtest/gtest.h>
#include <stdexcept>
#include <string>
#include <type_traits>

namespace costate {
namespace {

TEST(MatrixView, WritesToTheOwner) {
  Matrix<double> owner(2, 3);
  const MatrixView<double> view(owner.data(), 2, 3);
  const auto copy = view;
  copy(1, 2) = 5;
  EXPECT_EQ(owner(1, 2), 5);
  view.column(1)[0] = 7;
  EXPECT_EQ(owner(0, 1), 7);
  const MatrixView<const double> reader = view;
  EXPECT_EQ(reader(1, 2), 5);
  static_assert(!std::is_assignable_v<decltype(reader(0, 0)), double>);
}

TEST(MatrixView, JoinsMatricesInArithmetic) {
  const Matrix<double> a{{1, 2}, {3, 4}};
  const MatrixView<const double> view(a.data(), 2, 2);
  EXPECT_EQ((view + a)(1, 0), 6);
  EXPECT_EQ((a - 0.5 * view)(1, 1), 2);
  EXPECT_EQ((a * view)(0, 0), 7);
  EXPECT_EQ((view * Vector{1.0, 1.0})[1], 7);
  EXPECT_EQ((-view)(0, 1), -2);
  EXPECT_EQ((view / 2.0)(0, 1), 1);
  EXPECT_EQ(transpose(view)(0, 1), 3);
  const Matrix<double> copy = view;
  EXPECT_EQ(copy(1, 0), 3);
  const Matrix<float> single(view);
  EXPECT_EQ(single(0, 1), 2.0f);
}

TEST(MatrixView, SaysWhichShapesDoNotAgree) {
  const Matrix<double> a(2, 3);
  const MatrixView<const double> b(a.data(), 3, 2);
  try {
    a + b;
    FAIL();
  } catch (const std::invalid_argument& e) {
    EXPECT_STREQ(e.what(), "matrix sum: want 2 x 3 numbers, got 3 x 2 numbers");
  }
}

}  // namespace
}  // namespace costate
