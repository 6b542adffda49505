#include <costate/ad/gradient.hpp>

#include <contracts/random_reads.hpp>
#include <gtest/gtest.h>
#include <tuple>
#include <type_traits>
#include <vector>

namespace costate {

TEST(Gradient, HasOnePartAnArgumentOfTheShapeOfTheArgument) {
  const auto loss = [](const auto& a, const auto& b, const auto& c) {
    return a[0] * b[1] * b[1] + c[0] * a[1] - b[0];
  };
  const std::vector<double> b{3.0, 4.0};
  const auto result = value_and_gradient(loss, Vector{1.0, 2.0}, b, Vector<double>{5.0});
  const auto& [value, da, db, dc] = result;
  static_assert(std::is_same_v<decltype(da), const Vector<double, 2>>);
  static_assert(std::is_same_v<decltype(db), const Vector<double>>);
  EXPECT_EQ(value, 16 + 10 - 3);
  EXPECT_EQ(result.value(), value);
  EXPECT_EQ(result.status(), Status::success);
  EXPECT_EQ(da[0], 16);
  EXPECT_EQ(da[1], 5);
  EXPECT_EQ(db[0], -1);
  EXPECT_EQ(db[1], 8);
  EXPECT_EQ(dc[0], 2);
  const auto [ga, gb, gc] = gradient(loss, Vector{1.0, 2.0}, b, Vector<double>{5.0});
  EXPECT_EQ(ga[0], 16);
  EXPECT_EQ(gb[1], 8);
  EXPECT_EQ(gc[0], 2);
}

TEST(Gradient, OfATupleIsThatOfItsFirstNumber) {
  const auto [value, g] = value_and_gradient(
      [](const auto& x) { return std::tuple(x[0] * x[0], x[1], "the rest is for the callback"); },
      Vector{3.0, 4.0});
  EXPECT_EQ(value, 9);
  EXPECT_EQ(g[0], 6);
  EXPECT_EQ(g[1], 0);
}

TEST(Gradient, OfWhatDoesNotDependIsZero) {
  const auto g = gradient([](const auto& x) { return scalar_of<decltype(x)>(3.0); }, Vector{1.0, 2.0});
  EXPECT_EQ(g[0], 0);
  EXPECT_EQ(g[1], 0);
  EXPECT_EQ(gradient([](const auto& x) { return x[1]; }, Vector{1.0, 2.0})[1], 1) << "a variable itself";
  EXPECT_EQ(gradient([](const auto& x) { return x[0] * 0; }, std::vector<double>{1.0})[0], 0);
}

TEST(Gradient, TakesAViewAndIntegers) {
  const Vector x{1.0, 2.0, 3.0};
  const auto square = [](const auto& v) { return v[0] * v[1]; };
  EXPECT_EQ(gradient(square, x.view())[0], 2);
  EXPECT_EQ(gradient(square, std::vector<int>{2, 5})[0], 5);
}

TEST(Gradient, PromotesArgumentsToTheirCommonScalar) {
  const auto [by_float, by_double] =
      gradient([](const auto& a, const auto& b) { return a[0] * b[0]; }, Vector{2.0f}, Vector{3.0});
  static_assert(std::is_same_v<scalar_of<decltype(by_float)>, double>);
  EXPECT_EQ(by_float[0], 3);
  EXPECT_EQ(by_double[0], 2);
}

TEST(Gradient, InsideAGradientLiftsItsPoint) {
  // |∇(x² y)|² = 4 x² y² + x⁴
  const auto squared_norm = [](const auto& x) {
    const auto g = gradient([](const auto& v) { return v[0] * v[0] * v[1]; }, x);
    return g[0] * g[0] + g[1] * g[1];
  };
  const auto g = gradient(squared_norm, Vector{1.5, -0.7});
  EXPECT_NEAR(g[0], 8 * 1.5 * 0.49 + 4 * 1.5 * 1.5 * 1.5, 1e-14);
  EXPECT_NEAR(g[1], 8 * 2.25 * -0.7, 1e-14);
}

TEST(Gradient, InsideAGradientInsideAGradient) {
  // the third derivative of x⁴ by x
  const auto first = [](const auto& x) {
    return gradient([](const auto& v) { return v[0] * v[0] * v[0] * v[0]; }, x)[0];
  };
  const auto second = [&](const auto& x) { return gradient(first, x)[0]; };
  EXPECT_NEAR(gradient(second, Vector{1.3})[0], 24 * 1.3, 1e-13);
}

TEST(Gradient, AtAPlainPointInsideALossIsAPlainNumber) {
  const auto loss = [](const auto& x) {
    const auto inner = gradient([](const auto& y) { return y[0] * y[0]; }, Vector{5.0});
    static_assert(std::is_same_v<decltype(inner), const Vector<double, 1>>);
    return x[0] * inner[0];
  };
  EXPECT_EQ(gradient(loss, Vector{2.0})[0], 10);
}

TEST(Gradient, OfManyVariablesAgreesWithTheClosedForm) {
  const std::size_t n = 1000;
  std::vector<double> x(n);
  RandomWeights weight;
  for (double& v : x) v = weight();
  const auto g = gradient(
      [](const auto& v) {
        auto total = v[0] * 0;
        for (std::size_t i = 0; i + 1 < v.size(); ++i) total += v[i] * v[i + 1] * v[i + 1];
        return total;
      },
      x);
  for (std::size_t i = 0; i < n; ++i) {
    const double left = i > 0 ? 2 * x[i - 1] * x[i] : 0, right = i + 1 < n ? x[i + 1] * x[i + 1] : 0;
    EXPECT_NEAR(g[i], left + right, 1e-15);
  }
}

TEST(Gradient, PlainTakesTheDerivativesOff) {
  gradient(
      [](const auto& x) {
        const auto numbers = plain(x);
        static_assert(std::is_same_v<decltype(numbers), const Vector<double, 2>>);
        EXPECT_EQ(numbers[1], 2);
        return x[0];
      },
      Vector{1.0, 2.0});
}

}  // namespace costate
