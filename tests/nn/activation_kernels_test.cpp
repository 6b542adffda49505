#include <costate/nn/dense_kernels.hpp>
#include <costate/nn/detail/activation_kernels.hpp>

#include <algorithm>
#include <cmath>
#include <gtest/gtest.h>
#include <limits>
#include <nn/kernel_testing.hpp>
#include <string>
#include <utility>
#include <vector>

namespace costate::detail {
namespace {

template <class T>
class ActivationKernels : public UnderEachInstructionSet {};
TYPED_TEST_SUITE(ActivationKernels, Scalars);

/// Largest error of the values, in units of the last place of the exact value, and of the derivatives, in
/// units of the last place of 1.
template <class T>
std::pair<double, double> largest_errors(Activation act) {
  const std::vector<T> x = arguments<T>();
  std::vector<T> y(x.size()), d(x.size());
  activate(x.data(), y.data(), d.data(), x.size(), act);
  Real value = 0, slope = 0;
  for (std::size_t i = 0; i < x.size(); ++i) {
    const Real want = exact(act, x[i]);
    const Real error = std::abs(y[i] - want) / spacing<T>(want);
    if (!(error <= value)) value = error;
    const Real slope_error = std::abs(d[i] - exact_derivative(act, x[i])) / std::numeric_limits<T>::epsilon();
    if (!(slope_error <= slope)) slope = slope_error;
  }
  return {static_cast<double>(value), static_cast<double>(slope)};
}

TYPED_TEST(ActivationKernels, ActivationsKeepTheirErrorBounds) {
  struct Bound {
    Activation act;
    double value, derivative;
  };
  constexpr Bound bounds[] = {{Activation::identity, 0, 0}, {Activation::tanh, 3, 3},
                              {Activation::sigmoid, 3, 1},  {Activation::relu, 0, 0},
                              {Activation::softplus, 3, 1}, {Activation::gelu, 7, 2},
                              {Activation::swish, 4, 2}};
  this->under_each_instruction_set([&] {
    for (const Bound& bound : bounds) {
      const auto [value, derivative] = largest_errors<TypeParam>(bound.act);
      const std::string name = std::string(kernel_instruction_set()) + ", activation " +
                               std::to_string(static_cast<int>(bound.act));
      EXPECT_LE(value, bound.value) << name;
      EXPECT_LE(derivative, bound.derivative) << name;
      this->RecordProperty(name, std::to_string(value) + " ulp, derivative " + std::to_string(derivative));
    }
  });
}

// The exponential stands behind four activations but is seen by its negative side alone, so it is tested as
// it is compiled here.
TYPED_TEST(ActivationKernels, ExponentialKeepsItsErrorBound) {
  using T = TypeParam;
  constexpr int W = simd::lanes<T>;
  std::vector<T> x = arguments<T>();
  while (x.size() % W) x.push_back(0);
  double worst = 0;
  for (std::size_t i = 0; i < x.size(); i += W) {
    const auto y = exp(simd::Pack<T, W>::load(&x[i]));
    for (int k = 0; k < W; ++k) {
      const Real want = std::exp(Real(x[i + k]));
      if (want > Real(std::numeric_limits<T>::max())) {
        EXPECT_EQ(y[k], std::numeric_limits<T>::infinity());
      } else {
        worst = std::max(worst, static_cast<double>(std::abs(y[k] - want) / spacing<T>(want)));
      }
    }
  }
  this->RecordProperty("exp", std::to_string(worst) + " ulp");
  EXPECT_LE(worst, 2.0);
}

TYPED_TEST(ActivationKernels, SpecialArgumentsHaveTheirLimits) {
  using T = TypeParam;
  constexpr T inf = std::numeric_limits<T>::infinity();
  constexpr T nan = std::numeric_limits<T>::quiet_NaN();
  constexpr T huge = std::numeric_limits<T>::max();
  constexpr T tiny = std::numeric_limits<T>::denorm_min();
  struct Limit {
    Activation act;
    T x, y, d;
  };
  const std::vector<Limit> limits = {
      {Activation::identity, inf, inf, 1},     {Activation::identity, -inf, -inf, 1},
      {Activation::tanh, inf, 1, 0},           {Activation::tanh, -inf, -1, 0},
      {Activation::tanh, huge, 1, 0},          {Activation::tanh, -huge, -1, 0},
      {Activation::tanh, tiny, tiny, 1},       {Activation::tanh, -tiny, -tiny, 1},
      {Activation::sigmoid, inf, 1, 0},        {Activation::sigmoid, -inf, 0, 0},
      {Activation::sigmoid, huge, 1, 0},       {Activation::sigmoid, -huge, 0, 0},
      {Activation::sigmoid, 0, T(.5), T(.25)}, {Activation::relu, inf, inf, 1},
      {Activation::relu, -inf, 0, 0},          {Activation::relu, 0, 0, 0},
      {Activation::relu, tiny, tiny, 1},       {Activation::softplus, inf, inf, 1},
      {Activation::softplus, -inf, 0, 0},      {Activation::softplus, huge, huge, 1},
      {Activation::softplus, -huge, 0, 0},     {Activation::gelu, inf, inf, 1},
      {Activation::gelu, -inf, 0, 0},          {Activation::gelu, huge, huge, 1},
      {Activation::gelu, -huge, 0, 0},         {Activation::gelu, 0, 0, T(.5)},
      {Activation::swish, inf, inf, 1},        {Activation::swish, -inf, 0, 0},
      {Activation::swish, huge, huge, 1},      {Activation::swish, -huge, 0, 0},
      {Activation::swish, 0, 0, T(.5)}};
  this->under_each_instruction_set([&] {
    for (const Limit& limit : limits) {
      // In a full pack and in the end of an array.
      std::vector<T> x(19, limit.x), y(19), d(19);
      activate(x.data(), y.data(), d.data(), x.size(), limit.act);
      for (std::size_t i = 0; i < x.size(); ++i) {
        EXPECT_EQ(y[i], limit.y) << "activation " << static_cast<int>(limit.act) << " at " << limit.x;
        EXPECT_NEAR(d[i], limit.d, std::numeric_limits<T>::epsilon())
            << "activation " << static_cast<int>(limit.act) << " at " << limit.x;
      }
    }
    for (const Activation act : activations) {
      for (const T x : {nan, -nan}) {
        T y = 0, d = 0;
        activate(&x, &y, &d, 1, act);
        EXPECT_TRUE(std::isnan(y)) << "activation " << static_cast<int>(act);
        EXPECT_EQ(std::isnan(d), act != Activation::identity) << "activation " << static_cast<int>(act);
      }
    }
    for (const T zero : {T(0), -T(0)}) {
      T y = 1;
      activate<T>(&zero, &y, nullptr, 1, Activation::tanh);
      EXPECT_EQ(y, 0);
      EXPECT_EQ(std::signbit(y), std::signbit(zero));
    }
  });
}

TYPED_TEST(ActivationKernels, ActivatesInPlaceAndAtAnyLength) {
  using T = TypeParam;
  this->under_each_instruction_set([&] {
    for (const Activation act : activations) {
      for (std::size_t n = 1; n <= 40; ++n) {
        for (const auto side : {Guarded<T>::Against::begin, Guarded<T>::Against::end}) {
          Guarded<T> x(n, side), d(n, side), y(n, side);
          for (std::size_t i = 0; i < n; ++i) x[i] = T(i) / 4 - 3;
          activate<T>(x.data(), y.data(), nullptr, n, act);
          activate(x.data(), x.data(), d.data(), n, act);
          for (std::size_t i = 0; i < n; ++i) EXPECT_EQ(x[i], y[i]);
          for (std::size_t i = 0; i < n; ++i)
            EXPECT_NEAR(d[i], exact_derivative(act, T(i) / 4 - 3), 4 * std::numeric_limits<T>::epsilon());
        }
      }
    }
  });
}

TEST(ActivationReferences, DerivativesAreThoseOfTheValues) {
  for (const Activation act : activations) {
    for (Real x = -9.13L; x < 9; x += 0.37L) {
      const Real h = 1e-5L, difference = (exact(act, x + h) - exact(act, x - h)) / (2 * h);
      EXPECT_NEAR(exact_derivative(act, x), difference, 1e-9L) << static_cast<int>(act) << " at " << x;
    }
  }
}

}  // namespace
}  // namespace costate::detail
