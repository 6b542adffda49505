#include <costate/ad/gradient.hpp>
#include <costate/ad/jacobian.hpp>
#include <costate/losses/reductions.hpp>
#include <costate/nn/chain.hpp>
#include <costate/nn/dense.hpp>
#include <costate/nn/elementwise.hpp>
#include <costate/random/philox.hpp>

#include <cmath>
#include <contracts/refusal.hpp>
#include <cstddef>
#include <gtest/gtest.h>
#include <stdexcept>
#include <string>
#include <type_traits>

namespace costate {
namespace {

template <class T>
Matrix<T> random_matrix(std::size_t rows, std::size_t cols, std::uint64_t seed) {
  Matrix<T> m(rows, cols);
  for (std::size_t k = 0; k < m.size(); ++k) m.data()[k] = static_cast<T>(2 * uniform(seed, 0, k) - 1);
  return m;
}
template <class T>
Vector<T> random_parameters(std::size_t count) {
  Vector<T> p(count);
  for (std::size_t k = 0; k < count; ++k) p[k] = static_cast<T>(2 * uniform(9, 0, k) - 1);
  return p;
}

/// A layer of somebody who never heard of batches: yᵢ = p₀ xᵢ².
struct ScaledSquare : detail::LayerCall<ScaledSquare> {
  template <std::size_t In>
  static constexpr std::size_t output_extent = In;
  static constexpr bool has_slopes = false;
  std::size_t output_size(std::size_t inputs) const { return inputs; }
  std::size_t parameter_count() const { return 1; }
  void check_input(std::size_t) const {}
  template <class T>
  void initialize(T* p, std::uint64_t, std::uint32_t) const {
    p[0] = T(1);
  }
  template <class S, class PT>
  void forward(const S* x, std::size_t n, const PT* p, S* y, S*) const {
    for (std::size_t i = 0; i < n; ++i) y[i] = p[0] * x[i] * x[i];
  }
  template <class T>
  void pullback(const T* x, std::size_t n, const T*, const T* ybar, const T* p, T* xbar, T* pbar) const {
    for (std::size_t i = 0; i < n; ++i) {
      if (xbar != nullptr) xbar[i] = xbar[i] + T(2) * p[0] * x[i] * ybar[i];
      if (pbar != nullptr) pbar[0] = pbar[0] + x[i] * x[i] * ybar[i];
    }
  }
};

const auto cube = [](auto x) { return x * x * x; };

/// layer(batch) against layer(column), and the gradient of a weighted sum against the sum over the columns.
template <class T, class L>
void expect_batch_is_each_column(const L& layer, std::size_t inputs, T tolerance,
                                 std::initializer_list<std::size_t> counts = {1, 2, 7, 64, 65, 1024}) {
  const auto p = random_parameters<T>(layer.parameter_count());
  const std::size_t outputs = layer.output_size(inputs);
  for (const std::size_t samples : counts) {
    SCOPED_TRACE(std::to_string(samples) + " samples");
    const auto x = random_matrix<T>(inputs, samples, 3);
    const auto weights = random_matrix<T>(outputs, samples, 4);
    const auto y = layer(x, p);
    static_assert(std::is_same_v<decltype(y), const Matrix<T>>);
    ASSERT_EQ(y.rows(), outputs);
    ASSERT_EQ(y.cols(), samples);
    const auto [value, by_x, by_p] = value_and_gradient(
        [&](const auto& xs, const auto& q) {
          const auto ys = layer(xs, q);
          auto total = ys(0, 0) * T(0);
          for (std::size_t k = 0; k < weights.size(); ++k) total += ys.data()[k] * weights.data()[k];
          return total;
        },
        x, p);
    static_assert(std::is_same_v<std::remove_cvref_t<decltype(by_x)>, Matrix<T>>);
    Vector<double> total(p.size());
    double largest_p = 0;
    for (std::size_t j = 0; j < samples; ++j) {
      const auto alone = layer(x.column(j), p);
      for (std::size_t i = 0; i < outputs; ++i) ASSERT_NEAR(y(i, j), alone[i], tolerance);
      const auto [v, gx, gp] = value_and_gradient(
          [&](const auto& xs, const auto& q) {
            const auto ys = layer(xs, q);
            auto sum = ys[0] * T(0);
            for (std::size_t i = 0; i < outputs; ++i) sum += ys[i] * weights(i, j);
            return sum;
          },
          Vector<T>(x.column(j)), p);
      for (std::size_t i = 0; i < inputs; ++i) ASSERT_NEAR(by_x(i, j), gx[i], 4 * tolerance);
      for (std::size_t k = 0; k < p.size(); ++k) total[k] += double(gp[k]);
    }
    for (std::size_t k = 0; k < p.size(); ++k) largest_p = std::fmax(largest_p, std::abs(total[k]));
    for (std::size_t k = 0; k < p.size(); ++k)
      ASSERT_NEAR(by_p[k], total[k], 4 * double(tolerance) * (1 + largest_p)) << k;
  }
}

template <class T>
class Batch : public testing::Test {
 protected:
  static constexpr T tolerance = sizeof(T) == 8 ? T(1e-13) : T(1e-5);
};
using Scalars = testing::Types<float, double>;
TYPED_TEST_SUITE(Batch, Scalars);

TYPED_TEST(Batch, OfAChainIsTheChainOnEachColumn) {
  expect_batch_is_each_column<TypeParam>(Chain{cube, Dense<2, 50, activation::tanh>{}, Dense<50, 2>{}}, 2,
                                         this->tolerance);
}
TYPED_TEST(Batch, OfSizesAtRunTime) {
  expect_batch_is_each_column<TypeParam>(Chain{Dense{3, 20, activation::tanh}, Dense{20, 5}}, 3,
                                         this->tolerance, {7, 65});
}
TYPED_TEST(Batch, EndsWithAnActivation) {
  expect_batch_is_each_column<TypeParam>(Dense<3, 4, activation::tanh>{}, 3, this->tolerance, {7, 65});
  expect_batch_is_each_column<TypeParam>(Dense<3, 4, activation::relu>{}, 3, this->tolerance, {7, 65});
  expect_batch_is_each_column<TypeParam>(Dense<3, 4, activation::sigmoid>{}, 3, this->tolerance, {7, 65});
}
TYPED_TEST(Batch, OfChainsInAChain) {
  expect_batch_is_each_column<TypeParam>(
      Chain{Chain{cube, Dense<2, 5, activation::tanh>{}}, Chain{Dense<5, 3, activation::gelu>{}},
            Dense<3, 2, activation::tanh>{}},
      2, this->tolerance, {7, 65});
}
TYPED_TEST(Batch, OfALayerTooWideForTheFirstCache) {
  expect_batch_is_each_column<TypeParam>(
      Chain{Dense<2, 90, activation::tanh>{}, Dense<90, 70, activation::swish>{}, Dense<70, 2>{}}, 2,
      8 * this->tolerance, {300});
}
TYPED_TEST(Batch, OfEveryActivation) {
  expect_batch_is_each_column<TypeParam>(
      Chain{Dense<2, 6, activation::softplus>{}, Dense<6, 6, activation::gelu>{}, activation::swish,
            Dense<6, 5, activation::sigmoid>{}, Dense<5, 3, activation::relu>{}},
      2, this->tolerance, {7, 65});
}
TYPED_TEST(Batch, OfALayerThatKnowsOnlySamples) {
  expect_batch_is_each_column<TypeParam>(
      Chain{Dense<2, 4, activation::tanh>{}, ScaledSquare{}, Dense<4, 2>{}}, 2, this->tolerance, {7, 65});
  expect_batch_is_each_column<TypeParam>(ScaledSquare{}, 2, this->tolerance, {7, 65});
}

TEST(BatchOfALayer, AgreesWithFiniteDifferences) {
  const Chain net{cube, Dense<2, 5, activation::tanh>{}, Dense<5, 2>{}};
  const auto p = random_parameters<double>(net.parameter_count());
  const auto x = random_matrix<double>(2, 7, 3);
  const auto loss = [&](const auto& xs, const auto& q) { return squared_error(net(xs, q), 0.3); };
  const auto [value, by_x, by_p] = value_and_gradient(loss, x, p);
  EXPECT_NEAR(value, loss(x, p), 1e-13);
  const double h = 1e-6;
  for (std::size_t k = 0; k < p.size(); ++k) {
    auto up = p, down = p;
    up[k] += h, down[k] -= h;
    EXPECT_NEAR(by_p[k], (loss(x, up) - loss(x, down)) / (2 * h), 1e-7);
  }
  for (std::size_t k = 0; k < x.size(); ++k) {
    auto up = x, down = x;
    up.data()[k] += h, down.data()[k] -= h;
    EXPECT_NEAR(by_x.data()[k], (loss(up, p) - loss(down, p)) / (2 * h), 1e-7);
  }
}

TEST(BatchOfALayer, CarriesDualsAndSecondDerivatives) {
  const Chain net{cube, Dense<2, 5, activation::tanh>{}, Dense<5, 2, activation::softplus>{}};
  const auto p = random_parameters<double>(net.parameter_count());
  const auto v = random_parameters<double>(net.parameter_count());
  const auto x = random_matrix<double>(2, 7, 3);
  const auto together =
      hessian_vector_product([&](const auto& q) { return squared_error(net(x, q), 0.3); }, p, v);
  const auto one_by_one = hessian_vector_product(
      [&](const auto& q) {
        auto total = q[0] * 0.0;
        for (std::size_t j = 0; j < 7; ++j) total += squared_error(net(Vector<double>(x.column(j)), q), 0.3);
        return total;
      },
      p, v);
  for (std::size_t k = 0; k < p.size(); ++k) EXPECT_NEAR(together[k], one_by_one[k], 1e-11);
}

TEST(BatchOfALayer, RefusesWrongShapes) {
  const Dense<2, 3> layer;
  EXPECT_EQ(refusal_of([&] { layer(Matrix<double>(3, 4), Vector<double>(9)); }),
            "Dense: input: want 2 numbers, got 3");
  EXPECT_EQ(refusal_of([&] { layer(Matrix<double>(2, 4), Vector<double>(8)); }),
            "layer(x, p): parameters p: want 9 numbers, got 8");
  EXPECT_EQ(layer(Matrix<double>(2, 0), Vector<double>(9)).size(), 0u);
}

TEST(BatchOfALayer, ReductionsTakeMatrices) {
  const Matrix<double> m{{1, 2}, {3, 4}};
  EXPECT_EQ(sum(m), 10);
  EXPECT_EQ(mean(m), 2.5);
  EXPECT_EQ(squared_error(m, Matrix<double>{{1, 1}, {1, 1}}), 14);
  const auto g = gradient([&](const auto& x) { return squared_error(x, m); }, Matrix<double>(2, 2));
  EXPECT_EQ(g(1, 0), -6);
  EXPECT_THROW(squared_error(m, Matrix<double>(2, 3)), std::invalid_argument);
}

}  // namespace
}  // namespace costate
