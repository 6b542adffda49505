#include <costate/nn/activation.hpp>

#include <cmath>
#include <gtest/gtest.h>
#include <limits>
#include <type_traits>

namespace costate {
namespace {

/// A number with one derivative, found by argument-dependent lookup as any differentiated scalar is.
struct Tangent {
  double value, slope;

  explicit Tangent(double v, double s = 0) : value(v), slope(s) {}
  friend Tangent operator-(Tangent a) { return Tangent(-a.value, -a.slope); }
  friend Tangent operator+(Tangent a, Tangent b) { return Tangent(a.value + b.value, a.slope + b.slope); }
  friend Tangent operator-(Tangent a, Tangent b) { return Tangent(a.value - b.value, a.slope - b.slope); }
  friend Tangent operator*(Tangent a, Tangent b) {
    return Tangent(a.value * b.value, a.slope * b.value + a.value * b.slope);
  }
  friend Tangent operator/(Tangent a, Tangent b) {
    const double q = a.value / b.value;
    return Tangent(q, (a.slope - q * b.slope) / b.value);
  }
  friend bool operator<(Tangent a, Tangent b) { return a.value < b.value; }
  friend bool operator>(Tangent a, Tangent b) { return a.value > b.value; }
  friend bool operator<=(Tangent a, Tangent b) { return a.value <= b.value; }
  friend bool operator!=(Tangent a, Tangent b) { return a.value != b.value; }
  friend Tangent exp(Tangent a) { return Tangent(std::exp(a.value), std::exp(a.value) * a.slope); }
  friend Tangent log1p(Tangent a) { return Tangent(std::log1p(a.value), a.slope / (1 + a.value)); }
  friend Tangent tanh(Tangent a) {
    const double y = std::tanh(a.value);
    return Tangent(y, (1 - y * y) * a.slope);
  }
  friend Tangent erf(Tangent a) {
    return Tangent(std::erf(a.value),
                   2 / std::sqrt(std::acos(-1.0)) * std::exp(-a.value * a.value) * a.slope);
  }
};

template <auto Act>
struct Named {
  static constexpr detail::Activation kind = decltype(Act)::kind;
};

template <class F>
void for_each_activation(F body) {
  body(activation::identity, "identity");
  body(activation::tanh, "tanh");
  body(activation::sigmoid, "sigmoid");
  body(activation::relu, "relu");
  body(activation::softplus, "softplus");
  body(activation::gelu, "gelu");
  body(activation::swish, "swish");
}

TEST(Activation, IsAnEmptyTemplateArgument) {
  EXPECT_EQ(Named<activation::identity>::kind, detail::Activation::identity);
  EXPECT_EQ(Named<activation::tanh>::kind, detail::Activation::tanh);
  EXPECT_EQ(Named<activation::sigmoid>::kind, detail::Activation::sigmoid);
  EXPECT_EQ(Named<activation::relu>::kind, detail::Activation::relu);
  EXPECT_EQ(Named<activation::softplus>::kind, detail::Activation::softplus);
  EXPECT_EQ(Named<activation::gelu>::kind, detail::Activation::gelu);
  EXPECT_EQ(Named<activation::swish>::kind, detail::Activation::swish);
  EXPECT_TRUE(std::is_empty_v<decltype(activation::tanh)>);
}

TEST(Activation, RefusesIntegers) {
  EXPECT_FALSE((std::is_invocable_v<decltype(activation::sigmoid), int>));
  EXPECT_FALSE((std::is_invocable_v<decltype(activation::relu), long>));
  EXPECT_TRUE((std::is_invocable_v<decltype(activation::sigmoid), float>));
}

TEST(Activation, KnownValues) {
  EXPECT_EQ(activation::identity(-1.5), -1.5);
  EXPECT_NEAR(activation::tanh(0.5), 0.46211715726000975850, 1e-16);
  EXPECT_NEAR(activation::sigmoid(1.0), 0.73105857863000487926, 2e-16);
  EXPECT_NEAR(activation::softplus(0.0), 0.69314718055994530942, 2e-16);
  EXPECT_NEAR(activation::gelu(1.0), 0.84134474606854294859, 2e-16);
  EXPECT_NEAR(activation::swish(1.0), 0.73105857863000487926, 2e-16);
  EXPECT_EQ(activation::relu(2.0), 2.0);
  EXPECT_EQ(activation::relu(-2.0), 0.0);
  EXPECT_EQ(activation::relu.derivative(0.0), 0.0);
  EXPECT_TRUE((std::is_same_v<decltype(activation::gelu(1.0f)), float>));
}

TEST(Activation, DerivativeIsThatOfTheValue) {
  for_each_activation([](auto act, const char* name) {
    for (double x = -7.95; x < 8; x += 0.1) {
      const Tangent y = act(Tangent(x, 1));
      EXPECT_NEAR(y.value, act(x), 4e-15) << name << " at " << x;
      EXPECT_NEAR(y.slope, act.derivative(x), 4e-15) << name << " at " << x;
      EXPECT_NEAR(act.derivative(Tangent(x)).value, act.derivative(x), 4e-15) << name << " at " << x;
      const double h = 1e-5;
      EXPECT_NEAR((act(x + h) - act(x - h)) / (2 * h), act.derivative(x), 1e-9) << name << " at " << x;
    }
  });
}

TEST(Activation, AgreesWithTheCompiledKernel) {
  for_each_activation([](auto act, const char* name) {
    for (double x = -40; x <= 40; x += 0.17) {
      double y = 0, d = 0;
      detail::activate(&x, &y, &d, 1, act.kind);
      EXPECT_NEAR(act(x), y, 1e-12 * std::abs(y) + 1e-300) << name << " at " << x;
      EXPECT_NEAR(act.derivative(x), d, 2e-15) << name << " at " << x;
    }
  });
}

TEST(Activation, LargeArgumentsHaveTheirLimits) {
  const double inf = std::numeric_limits<double>::infinity();
  for (const double x : {1e3, 1e200, inf}) {
    EXPECT_EQ(activation::tanh(x), 1);
    EXPECT_EQ(activation::tanh(-x), -1);
    EXPECT_EQ(activation::sigmoid(x), 1);
    EXPECT_EQ(activation::sigmoid(-x), 0);
    EXPECT_EQ(activation::sigmoid.derivative(x), 0);
    EXPECT_EQ(activation::sigmoid.derivative(-x), 0);
    EXPECT_EQ(activation::softplus(x), x);
    EXPECT_EQ(activation::softplus(-x), 0);
    EXPECT_EQ(activation::gelu(x), x);
    EXPECT_EQ(activation::gelu(-x), 0);
    EXPECT_EQ(activation::swish(x), x);
    EXPECT_EQ(activation::swish(-x), 0);
    EXPECT_EQ(activation::gelu.derivative(x), 1);
    EXPECT_EQ(activation::gelu.derivative(-x), 0);
    EXPECT_EQ(activation::swish.derivative(x), 1);
    EXPECT_EQ(activation::swish.derivative(-x), 0);
  }
  // Neither side of the logistic function overflows, and its left tail keeps its digits.
  EXPECT_NEAR(activation::sigmoid(-700.0) / std::exp(-700.0), 1, 1e-15);
  EXPECT_NEAR(activation::softplus(-700.0) / std::exp(-700.0), 1, 1e-15);
}

TEST(Activation, KeepsNaN) {
  for_each_activation([](auto act, const char* name) {
    EXPECT_TRUE(std::isnan(act(std::numeric_limits<double>::quiet_NaN()))) << name;
  });
}

}  // namespace
}  // namespace costate
