#pragma once

#include <costate/ad/gradient.hpp>
#include <costate/ad/jacobian.hpp>
#include <costate/core/matrix.hpp>
#include <costate/losses/loss_options.hpp>
#include <costate/random/philox.hpp>

#include <cmath>
#include <contracts/refusal.hpp>
#include <cstddef>
#include <gtest/gtest.h>
#include <limits>
#include <string>
#include <type_traits>
#include <vector>

namespace costate {

/// What every loss of (x, target) promises. A Case has
///
///     static constexpr const char* name;
///     static constexpr bool by_sample;      weights are one per column, not one per number
///     static double x(double), y(double);   of [0, 1), numbers that x and the target may be
///     template <class X, class Y> static auto loss(const X&, const Y&, const LossOptions& = {});
template <class Case>
class LossContract : public testing::Test {
 protected:
  static constexpr std::size_t rows = 3, cols = 4, count = rows * cols;
  static constexpr double nan = std::numeric_limits<double>::quiet_NaN();
  using M = Matrix<double>;

  static M table(std::uint64_t seed, double (*number)(double)) {
    M result(rows, cols);
    for (std::size_t i = 0; i < count; ++i) result.data()[i] = number(uniform(seed, 0, i));
    return result;
  }
  static M x() { return table(1, Case::x); }
  static M y() { return table(2, Case::y); }
  /// A weight of 0.5 … 1.5 for every column, as many times as the loss wants it.
  static std::vector<double> weights(std::size_t columns = cols) {
    std::vector<double> result;
    for (std::size_t j = 0; j < columns; ++j)
      result.insert(result.end(), Case::by_sample ? 1 : rows, 0.5 + uniform(3, 0, j));
    return result;
  }
  /// d loss / d at(i, j) by central differences; `loss` is of a matrix.
  template <class Loss>
  static M differences(const Loss& loss, M at) {
    M result(rows, cols);
    for (std::size_t i = 0; i < count; ++i) {
      const double value = at.data()[i], h = 1e-5;
      at.data()[i] = value + h;
      const double up = loss(at);
      at.data()[i] = value - h;
      result.data()[i] = (up - loss(at)) / (2 * h);
      at.data()[i] = value;
    }
    return result;
  }
  static double distance(const M& a, const M& b) {
    double largest = 0;
    for (std::size_t i = 0; i < count; ++i) {
      const double one = std::abs(a.data()[i] - b.data()[i]);
      if (!(one <= largest)) largest = one;
    }
    return largest;
  }
  /// The gradient in reverse, forward and by differences, where the loss comes in with a factor.
  template <class Loss>
  static void expect_routes_agree(const Loss& loss, const M& at) {
    const double factor = -1.7;
    const auto reverse = gradient([&](const auto& z) { return factor * loss(z); }, at);
    EXPECT_LT(distance(factor * differences(loss, at), reverse), 2e-8) << Case::name;
    const auto flat = [&](const auto& z) {
      Matrix<scalar_of<decltype(z)>> shaped(rows, cols);
      for (std::size_t i = 0; i < count; ++i) shaped.data()[i] = z[i];
      return Vector{factor * loss(shaped)};
    };
    const auto forward = jacobian(flat, std::vector<double>(at.data(), at.data() + count));
    EXPECT_LT(distance(M(MatrixView<const double>(forward.data(), rows, cols)), reverse), 1e-13);
    EXPECT_NEAR(value_and_gradient(loss, at).value(), loss(at), 1e-14 * std::abs(loss(at)));
  }
};
TYPED_TEST_SUITE_P(LossContract);

TYPED_TEST_P(LossContract, TheRoutesToAGradientAgree) {
  const auto x = this->x(), y = this->y();
  const LossOptions weighted{.weights = this->weights()};
  for (const LossOptions& options : {LossOptions{}, weighted}) {
    this->expect_routes_agree([&](const auto& z) { return TypeParam::loss(z, y, options); }, x);
    this->expect_routes_agree([&](const auto& z) { return TypeParam::loss(x, z, options); }, y);
    // both move, and what is no row on the tape holds a constant
    this->expect_routes_agree(
        [&](const auto& z) {
          auto other = 0.25 * z + 0.5 * y;
          other(0, 0) = y(0, 0), other(2, 1) = 1.0 * z(2, 1);
          return TypeParam::loss(z, other, options) + 0.5 * TypeParam::loss(other, y, options) + z(1, 1);
        },
        y);
  }
}

TYPED_TEST_P(LossContract, IsOneNode) {
  const auto y = this->y();
  const auto nodes_of = [&](const auto& z) {
    const std::size_t before = Tape<double>::current()->size();
    const auto value = TypeParam::loss(z, y, {.weights = this->weights(), .missing = Missing::skip});
    EXPECT_EQ(Tape<double>::current()->size() - before, 1u);
    return value;
  };
  gradient(nodes_of, this->x());
}

TYPED_TEST_P(LossContract, LeavesOutWhatIsMissingWhereItIsAsked) {
  const auto x = this->x(), y = this->y();
  Matrix<double> gaps = y, x_rest(3, 3), y_rest(3, 3);
  std::vector<double> w = this->weights(), w_rest;
  for (std::size_t j = 0, k = 0; j < 4; ++j) {
    for (std::size_t i = 0; i < 3; ++i) {
      if (j == 1)
        gaps(i, j) = this->nan;
      else
        x_rest(i, k) = x(i, j), y_rest(i, k) = y(i, j);
    }
    k += j != 1;
    const std::size_t each = w.size() / 4;
    if (j != 1) w_rest.insert(w_rest.end(), w.begin() + long(j * each), w.begin() + long((j + 1) * each));
  }
  const auto loss = [&](const auto& z) {
    return TypeParam::loss(z, gaps, {.weights = w, .missing = Missing::skip});
  };
  const double wanted = TypeParam::loss(x_rest, y_rest, {.weights = w_rest});
  EXPECT_NEAR(loss(x), wanted, 1e-14 * std::abs(wanted));
  const auto [value, g] = value_and_gradient(loss, x);
  EXPECT_NEAR(value, wanted, 1e-14 * std::abs(wanted));
  EXPECT_LT(this->distance(g, this->differences(loss, x)), 2e-8);
  for (std::size_t i = 0; i < 3; ++i) EXPECT_EQ(g(i, 1), 0.0);

  // nobody asked: NaN, also where its weight is zero
  std::vector<double> zero = w;
  for (std::size_t i = w.size() / 4; i < w.size() / 2; ++i) zero[i] = 0;
  for (const auto& weights : {std::vector<double>{}, w, zero}) {
    EXPECT_TRUE(std::isnan(TypeParam::loss(x, gaps, {.weights = weights})));
    EXPECT_TRUE(std::isnan(
        value_and_gradient([&](const auto& z) { return TypeParam::loss(z, gaps, {.weights = weights}); }, x)
            .value()));
  }
  // a model that is NaN is never left out
  Matrix<double> broken = x;
  broken(0, 0) = this->nan;
  EXPECT_TRUE(std::isnan(loss(broken)));
}

TYPED_TEST_P(LossContract, RefusesWhatDoesNotFit) {
  const auto x = this->x(), y = this->y();
  const std::string name = TypeParam::name;
  EXPECT_EQ(refusal_of([&] { TypeParam::loss(x, Vector<double>(5)); }),
            name + ": target: want 12 numbers, got 5");
  EXPECT_NE(refusal_of([&] {
              TypeParam::loss(x, Matrix<double>(transpose(y)));
            }).find(name + ": target: want 3 x 4 numbers, got 4 x 3 numbers"),
            std::string::npos);
  EXPECT_NE(refusal_of([&] {
              TypeParam::loss(x, y, {.weights = {1, 2}});
            }).find(name + ": weights: want "),
            std::string::npos);
  auto negative = this->weights();
  negative[1] = -0.5;
  EXPECT_EQ(refusal_of([&] { TypeParam::loss(x, y, {.weights = negative}); }),
            name + ": weights: want finite numbers >= 0, got -0.5");
  negative[1] = this->nan;
  EXPECT_THROW(TypeParam::loss(x, y, {.weights = negative}), std::invalid_argument);
  EXPECT_THROW(gradient([&](const auto& z) { return TypeParam::loss(z, std::vector<double>(11)); }, x),
               std::invalid_argument);
}

TYPED_TEST_P(LossContract, TakesVectorsAndSinglePrecision) {
  const auto x = this->x(), y = this->y();
  const double wanted = TypeParam::loss(x, y);
  const Matrix<float> xf(x), yf(y);
  static_assert(std::is_same_v<decltype(TypeParam::loss(xf, yf)), float>);
  EXPECT_NEAR(TypeParam::loss(xf, yf), wanted, 1e-5 * std::fmax(1, std::abs(wanted)));
  const auto loss = [](const auto& a) { return [&a](const auto& z) { return TypeParam::loss(z, a); }; };
  const auto g = gradient(loss(y), x);
  const auto gf = gradient(loss(yf), xf);
  static_assert(std::is_same_v<std::remove_cvref_t<decltype(gf(0, 0))>, float>);
  EXPECT_LT(this->distance(g, Matrix<double>(gf)), 1e-4);
  // one column as a vector, the target in other containers
  const Vector<double> a(x.column(0)), b(y.column(0));
  const double one = TypeParam::loss(a, b);
  EXPECT_EQ(TypeParam::loss(a, std::vector<double>(b.begin(), b.end())), one);
  EXPECT_EQ(TypeParam::loss(a.view(), b.view()), one);
}

TYPED_TEST_P(LossContract, HasSecondDerivatives) {
  const Vector<double> x(this->x().column(1)), y(this->y().column(1));
  const auto loss = [&](const auto& z) { return TypeParam::loss(z, y) * TypeParam::loss(z, y); };
  const auto h = hessian(loss, x);
  for (std::size_t j = 0; j < x.size(); ++j) {
    auto up = x, down = x;
    up[j] += 1e-5, down[j] -= 1e-5;
    const auto gu = gradient(loss, up), gd = gradient(loss, down);
    for (std::size_t i = 0; i < x.size(); ++i)
      EXPECT_NEAR(h(i, j), (gu[i] - gd[i]) / 2e-5, 1e-7 * std::fmax(1, std::abs(h(i, j)))) << i << " " << j;
  }
}

REGISTER_TYPED_TEST_SUITE_P(LossContract, TheRoutesToAGradientAgree, IsOneNode,
                            LeavesOutWhatIsMissingWhereItIsAsked, RefusesWhatDoesNotFit,
                            TakesVectorsAndSinglePrecision, HasSecondDerivatives);

}  // namespace costate
