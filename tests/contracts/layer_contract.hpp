#pragma once

#include <costate/ad/gradient.hpp>
#include <costate/ad/jacobian.hpp>
#include <costate/nn/layer.hpp>
#include <costate/random/philox.hpp>

#include <algorithm>
#include <cmath>
#include <contracts/refusal.hpp>
#include <cstddef>
#include <gtest/gtest.h>
#include <stdexcept>
#include <string>
#include <type_traits>
#include <vector>

namespace costate {

using Numbers = Vector<double>;

/// What every layer promises. A Case has
///
///     static constexpr std::size_t inputs;
///     static auto fixed();       the layer with its sizes in the type
///     static auto run_time();    the same with sizes known at run time
template <class Case>
class LayerContract : public testing::Test {
 protected:
  static constexpr std::size_t inputs = Case::inputs;
  using X = Vector<double, inputs>;

  static X point() {
    X x;
    for (std::size_t i = 0; i < inputs; ++i) x[i] = 2 * uniform(1, 0, i) - 1;
    return x;
  }
  static Numbers parameters() { return random(Case::fixed().parameter_count(), 2); }
  static Numbers cotangent() { return random(Case::fixed().output_size(inputs), 3); }
  static Numbers random(std::size_t count, std::uint64_t seed) {
    Numbers p(count);
    for (std::size_t i = 0; i < count; ++i) p[i] = 2 * uniform(seed, 0, i) - 1;
    return p;
  }
  template <class G>
  static double distance(const G& a, const Numbers& b) {
    double largest = 0;
    EXPECT_EQ(a.size(), b.size());
    for (std::size_t i = 0; i < b.size(); ++i) largest = std::fmax(largest, std::abs(double(a[i]) - b[i]));
    return largest;
  }
  /// λᵀ ∂f/∂z by central differences.
  template <class F, class Z>
  static Numbers differences(const F& f, Z z, const Numbers& lambda) {
    Numbers g(z.size());
    for (std::size_t i = 0; i < z.size(); ++i) {
      const double at = z[i], h = 1e-5;
      z[i] = at + h;
      const auto up = f(z);
      z[i] = at - h;
      const auto down = f(z);
      z[i] = at;
      g[i] = (dot(lambda, up) - dot(lambda, down)) / (2 * h);
    }
    return g;
  }
};
TYPED_TEST_SUITE_P(LayerContract);

TYPED_TEST_P(LayerContract, SizesAgree) {
  const auto layer = TypeParam::fixed();
  static_assert(Layer<decltype(layer)>);
  const auto p = layer.template initial_parameters<double>(5);
  EXPECT_EQ(p.size(), layer.parameter_count());
  const auto y = layer(this->point(), p);
  EXPECT_EQ(y.size(), layer.output_size(this->inputs));
  static_assert(extent_of<decltype(y)> != dynamic, "a layer of known sizes gives a vector of known size");
  const auto run_time = TypeParam::run_time();
  EXPECT_EQ(run_time.parameter_count(), layer.parameter_count());
  EXPECT_EQ(run_time.output_size(this->inputs), y.size());
}

TYPED_TEST_P(LayerContract, TheRoutesToAGradientAgree) {
  const auto layer = TypeParam::fixed();
  const auto x = this->point();
  const auto p = this->parameters();
  const auto lambda = this->cotangent();
  const auto at_x = [&](const auto& z) { return layer(z, p); };
  const auto at_p = [&](const auto& q) { return layer(x, q); };

  const auto [value, dx, dp] =
      value_and_gradient([&](const auto& z, const auto& q) { return dot(lambda, layer(z, q)); }, x, p);
  EXPECT_NEAR(value, dot(lambda, layer(x, p)), 1e-14);
  EXPECT_LT(this->distance(dx, this->differences(at_x, x, lambda)), 1e-8);
  EXPECT_LT(this->distance(dp, this->differences(at_p, p, lambda)), 1e-8);

  // alone, with the other one constant
  EXPECT_LT(this->distance(gradient([&](const auto& z) { return dot(lambda, layer(z, p)); }, x), Numbers(dx)),
            1e-15);
  EXPECT_LT(this->distance(gradient([&](const auto& q) { return dot(lambda, layer(x, q)); }, p), Numbers(dp)),
            1e-15);

  // forward: λᵀ times the Jacobian
  const auto jx = jacobian(at_x, x);
  EXPECT_LT(this->distance(transpose(jx) * lambda, Numbers(dx)), 1e-13);
  if (p.size() > 0) {
    EXPECT_LT(this->distance(transpose(jacobian(at_p, p)) * lambda, Numbers(dp)), 1e-13);
  }
}

TYPED_TEST_P(LayerContract, AddsToWhatFlowsInFromElsewhere) {
  // x and p are used twice, and once beside the layer
  const auto layer = TypeParam::fixed();
  const auto x = this->point();
  const auto p = this->parameters();
  const auto lambda = this->cotangent();
  const auto once = [&](const auto& z, const auto& q) { return dot(lambda, layer(z, q)); };
  const auto [value, dx, dp] = value_and_gradient(once, x, p);
  const auto [thrice, dx3, dp3] = value_and_gradient(
      [&](const auto& z, const auto& q) {
        auto total = 3 * z[0] + once(z, q) + 2 * once(z, q);
        for (std::size_t i = 0; i < q.size(); ++i) total = total + 5 * q[i];
        return total;
      },
      x, p);
  for (std::size_t i = 0; i < dx.size(); ++i) EXPECT_NEAR(dx3[i], 3 * dx[i] + (i == 0 ? 3 : 0), 1e-13);
  for (std::size_t i = 0; i < dp.size(); ++i) EXPECT_NEAR(dp3[i], 3 * dp[i] + 5, 1e-13);
}

TYPED_TEST_P(LayerContract, TakesVariablesThatDoNotStandInARow) {
  const auto layer = TypeParam::fixed();
  const auto x = this->point();
  const auto p = this->parameters();
  const auto lambda = this->cotangent();
  const auto [value, dx, dp] =
      value_and_gradient([&](const auto& z, const auto& q) { return dot(lambda, layer(z, q)); }, x, p);
  const auto [again, dx2, dp2] = value_and_gradient(
      [&](const auto& z, const auto& q) {
        auto scattered = 1.0 * z;
        scattered[0] = z[0];
        auto shuffled = Vector<scalar_of<decltype(q)>>(q);
        for (std::size_t i = 0; i < q.size(); i += 2) shuffled[i] = 1.0 * q[i];
        return dot(lambda, layer(scattered, shuffled));
      },
      x, p);
  EXPECT_NEAR(again, value, 1e-14);
  EXPECT_LT(this->distance(dx2, Numbers(dx)), 1e-15);
  EXPECT_LT(this->distance(dp2, Numbers(dp)), 1e-15);
}

TYPED_TEST_P(LayerContract, SinglePrecisionIsDoubleRounded) {
  const auto layer = TypeParam::fixed();
  const auto x = this->point();
  const auto p = this->parameters();
  const auto lambda = this->cotangent();
  const Vector<float, TypeParam::inputs> xf(x);
  const Vector<float> pf(p), lambdaf(lambda);
  const auto yf = layer(xf, pf);
  static_assert(std::is_same_v<scalar_of<decltype(yf)>, float>);
  EXPECT_LT(this->distance(yf, Numbers(layer(x, p))), 1e-5);
  const auto [value, dx, dp] =
      value_and_gradient([&](const auto& z, const auto& q) { return dot(lambda, layer(z, q)); }, x, p);
  const auto [valuef, dxf, dpf] =
      value_and_gradient([&](const auto& z, const auto& q) { return dot(lambdaf, layer(z, q)); }, xf, pf);
  static_assert(std::is_same_v<scalar_of<decltype(dxf)>, float>);
  EXPECT_NEAR(valuef, value, 1e-5);
  EXPECT_LT(this->distance(dxf, Numbers(dx)), 1e-5);
  EXPECT_LT(this->distance(dpf, Numbers(dp)), 1e-5);
}

TYPED_TEST_P(LayerContract, SizesAtRunTimeGiveTheSame) {
  const auto fixed = TypeParam::fixed();
  const auto run_time = TypeParam::run_time();
  const Numbers x(this->point()), p = this->parameters(), lambda = this->cotangent();
  EXPECT_LT(this->distance(run_time(x, p), Numbers(fixed(x, p))), 1e-14);
  const auto through = [&](const auto& layer) {
    return value_and_gradient([&](const auto& z, const auto& q) { return dot(lambda, layer(z, q)); }, x, p);
  };
  const auto [a, ax, ap] = through(fixed);
  const auto [b, bx, bp] = through(run_time);
  EXPECT_NEAR(a, b, 1e-14);
  EXPECT_LT(this->distance(ax, bx), 1e-14);
  EXPECT_LT(this->distance(ap, bp), 1e-14);
  EXPECT_EQ(this->distance(fixed.template initial_parameters<double>(3),
                           run_time.template initial_parameters<double>(3)),
            0);
}

TYPED_TEST_P(LayerContract, TakesVectorsViewsAndStdVectors) {
  const auto layer = TypeParam::fixed();
  const auto x = this->point();
  const auto p = this->parameters();
  const Numbers y(layer(x, p));
  const std::vector<double> xs(x.begin(), x.end()), ps(p.begin(), p.end());
  EXPECT_LT(this->distance(layer(xs, ps), y), 1e-14);
  EXPECT_LT(this->distance(layer(x.view(), p.view()), y), 1e-14);
  EXPECT_LT(this->distance(layer(Numbers(x), ps), y), 1e-14);
}

TYPED_TEST_P(LayerContract, RefusesWrongSizes) {
  const Numbers x(this->point()), p = this->parameters();
  const auto layer = TypeParam::run_time();
  const std::string got = std::to_string(p.size() + 1);
  EXPECT_EQ(refusal_of([&] { layer(x, Numbers(p.size() + 1)); }),
            "layer(x, p): parameters p: want " + std::to_string(p.size()) + " numbers, got " + got);
  if (layer.parameter_count() > 0) {
    const std::string message = refusal_of([&] { layer(Numbers(x.size() + 1), p); });
    EXPECT_NE(
        message.find("want " + std::to_string(x.size()) + " numbers, got " + std::to_string(x.size() + 1)),
        std::string::npos)
        << message;
    EXPECT_THROW(gradient([&](const auto& q) { return dot(this->cotangent(), TypeParam::fixed()(x, q)); },
                          Numbers(p.size() - 1)),
                 std::invalid_argument);
  }
}

TYPED_TEST_P(LayerContract, HasSecondDerivatives) {
  const auto layer = TypeParam::fixed();
  const auto x = this->point();
  const auto p = this->parameters();
  // all numbers in one vector, and a loss that is not linear in the outputs
  const Numbers all = [&] {
    Numbers joined(x.size() + p.size());
    std::copy(x.begin(), x.end(), joined.begin());
    std::copy(p.begin(), p.end(), joined.begin() + x.size());
    return joined;
  }();
  const auto loss = [&](const auto& v) {
    using S = scalar_of<decltype(v)>;
    Vector<S, TypeParam::inputs> z;
    Vector<S> q(p.size());
    for (std::size_t i = 0; i < x.size(); ++i) z[i] = v[i];
    for (std::size_t i = 0; i < p.size(); ++i) q[i] = v[x.size() + i];
    const auto y = layer(z, q);
    return dot(y, y);
  };
  const auto h = hessian(loss, all);
  const double step = 1e-5;
  for (std::size_t j = 0; j < all.size(); ++j) {
    Numbers up = all, down = all;
    up[j] += step, down[j] -= step;
    const auto gu = gradient(loss, up), gd = gradient(loss, down);
    for (std::size_t i = 0; i < all.size(); ++i) {
      EXPECT_NEAR(h(i, j), (gu[i] - gd[i]) / (2 * step), 1e-7) << i << " " << j;
      EXPECT_NEAR(h(i, j), h(j, i), 1e-12);
    }
  }
}

REGISTER_TYPED_TEST_SUITE_P(LayerContract, SizesAgree, TheRoutesToAGradientAgree,
                            AddsToWhatFlowsInFromElsewhere, TakesVariablesThatDoNotStandInARow,
                            SinglePrecisionIsDoubleRounded, SizesAtRunTimeGiveTheSame,
                            TakesVectorsViewsAndStdVectors, RefusesWrongSizes, HasSecondDerivatives);

}  // namespace costate
