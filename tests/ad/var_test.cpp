#include <costate/ad/jacobian.hpp>
#include <costate/ad/var.hpp>

#include <cmath>
#include <gtest/gtest.h>
#include <limits>
#include <type_traits>

#include "elementary_functions.hpp"

namespace costate {
namespace {

double tolerance(double scale) {
  return 4e-15 * std::fmax(1.0, std::abs(scale));
}

template <class F>
double slope(const F& f, double x) {
  return gradient([&](const auto& v) { return f(v[0]); }, Vector{x})[0];
}

}  // namespace

TEST(Var, GivesFirstDerivatives) {
  for_each_elementary_function([](const char* name, auto f, auto first, auto, const auto& points) {
    for (const double x : points) {
      const auto [value, gradient] = value_and_gradient([&](const auto& v) { return f(v[0]); }, Vector{x});
      EXPECT_NEAR(value, f(x), tolerance(f(x))) << name << " at " << x;
      EXPECT_NEAR(gradient[0], first(x), tolerance(first(x))) << name << " at " << x;
    }
  });
}

TEST(Var, GivesSecondDerivativesForwardOverReverse) {
  for_each_elementary_function([](const char* name, auto f, auto, auto second, const auto& points) {
    for (const double x : points) {
      const double h = hessian([&](const auto& v) { return f(v[0]); }, Vector{x})(0, 0);
      EXPECT_NEAR(h, second(x), 4 * tolerance(second(x))) << name << " at " << x;
    }
  });
}

TEST(Var, GivesSecondDerivativesReverseOverReverse) {
  for_each_elementary_function([](const char* name, auto f, auto, auto second, const auto& points) {
    for (const double x : points) {
      const auto first = [&](const auto& v) {
        return gradient([&](const auto& w) { return f(w[0]); }, v)[0];
      };
      EXPECT_NEAR(gradient(first, Vector{x})[0], second(x), 4 * tolerance(second(x))) << name << " at " << x;
    }
  });
}

TEST(Var, WorksInFloat) {
  const auto g = gradient([](const auto& x) { return costate::exp(2.0 * x[0]) / (x[1] + 1) - 3 * x[0]; },
                          Vector{0.7f, 0.4f});
  static_assert(std::is_same_v<decltype(g), const Vector<float, 2>>);
  EXPECT_NEAR(g[0], 2 * std::exp(1.4) / 1.4 - 3, 1e-5);
  EXPECT_NEAR(g[1], -std::exp(1.4) / (1.4 * 1.4), 1e-5);
}

TEST(Var, MixesWithBuiltInNumbers) {
  EXPECT_EQ(slope([](const auto& x) { return x + 1; }, 3), 1);
  EXPECT_EQ(slope([](const auto& x) { return 1 - x; }, 3), -1);
  EXPECT_EQ(slope([](const auto& x) { return 2.0f * x; }, 3), 2);
  EXPECT_EQ(slope([](const auto& x) { return x * 2; }, 3), 2);
  EXPECT_EQ(slope([](const auto& x) { return x / 4; }, 3), 0.25);
  EXPECT_EQ(slope([](const auto& x) { return 9 / x; }, 3), -1);
  EXPECT_EQ(slope([](const auto& x) { return -x; }, 3), -1);
  EXPECT_EQ(slope([](const auto& x) { return +x; }, 3), 1);
  EXPECT_EQ(slope([](const auto& x) { return x - x; }, 3), 0);
  EXPECT_EQ(slope([](const auto& x) { return x * x * x; }, 3), 27);
  static_assert(!std::is_convertible_v<Var<double>, double>, "a derivative must not be lost without a word");
  static_assert(sizeof(Var<double>) == 16);
}

TEST(Var, AssignsCompoundly) {
  const auto f = [](auto x) {
    x += 1;
    x *= x;
    x -= 2.0f;
    x /= 2;
    return x;
  };
  EXPECT_EQ(slope(f, 3), 4);
  EXPECT_EQ(slope([](auto x) { return x *= x, x /= x; }, 2), 0);
}

TEST(Var, OfAPlainNumberIsAConstantThatNeedsNoTape) {
  const Var<double> two(2), three = 3.0;
  const Var<double> product = two * three + costate::sin(two) * 0;
  EXPECT_EQ(product.value(), 6);
  EXPECT_LT(product.index(), 0);
}

TEST(Var, ComparesByValueAlone) {
  const auto f = [](const auto& x) {
    EXPECT_TRUE(x == 1 && 1.0 == x && x <= 1 && x != 2 && x < 2 && 0 < x && x > 0.5 && x >= x);
    EXPECT_TRUE(is_finite(x));
    EXPECT_FALSE(is_finite(x / 0.0));
    return x;
  };
  EXPECT_EQ(slope(f, 1), 1);
}

TEST(Var, TakesOneSideOfAKink) {
  const auto relu = [](const auto& x) { return costate::max(0.0, x); };
  EXPECT_EQ(slope(relu, 2), 1);
  EXPECT_EQ(slope(relu, -2), 0);
  EXPECT_EQ(slope(relu, 0), 0) << "as for Dual";
  EXPECT_EQ(slope([](const auto& x) { return costate::max(x, 0); }, 0), 1);
  EXPECT_EQ(slope([](const auto& x) { return costate::min(x, 3); }, 2), 1);
  EXPECT_EQ(slope([](const auto& x) { return costate::min(x, 1); }, 2), 0);
  EXPECT_EQ(slope([](const auto& x) { return costate::abs(x); }, -3), -1);
}

TEST(Var, PowersAreRightInTheCorners) {
  const auto power = [](double x, auto s) {
    return slope([s](const auto& v) { return costate::pow(v, s); }, x);
  };
  EXPECT_EQ(power(3, 0), 0);
  EXPECT_EQ(power(0, 0), 0);
  EXPECT_EQ(power(0, 1), 1);
  EXPECT_EQ(power(0, 2), 0);
  EXPECT_EQ(power(-2, 3), 12);
  EXPECT_EQ(power(-2, 3.0), 12);
  EXPECT_EQ(power(0, 0.5), std::numeric_limits<double>::infinity());
  EXPECT_EQ(hessian([](const auto& v) { return costate::pow(v[0], 2); }, Vector{0.0})(0, 0), 2);
  const auto both = [](double x, double y) {
    return gradient([](const auto& v) { return costate::pow(v[0], v[1]); }, Vector{x, y});
  };
  EXPECT_EQ(both(0, 2)[0], 0);
  EXPECT_EQ(both(0, 2)[1], 0);
  EXPECT_EQ(both(0, 1)[0], 1);
  EXPECT_EQ(both(0, 0)[0], 0);
  EXPECT_EQ(both(3, 0)[0], 0);
  EXPECT_EQ(both(3, 0)[1], std::log(3));
}

TEST(Var, SumsOverAllPathsToAVariable) {
  const auto f = [](const auto& x) {
    auto a = x[0] * x[1], b = a + x[0];
    auto c = a * b;
    return c + costate::sin(a) * c - x[1];
  };
  const double x = 0.6, y = -1.1, a = x * y, b = a + x, c = a * b;
  const double dc_dx = y * b + a * (y + 1), dc_dy = x * b + a * x;
  const auto g = gradient(f, Vector{x, y});
  EXPECT_NEAR(g[0], dc_dx * (1 + std::sin(a)) + c * std::cos(a) * y, 1e-15);
  EXPECT_NEAR(g[1], dc_dy * (1 + std::sin(a)) + c * std::cos(a) * x - 1, 1e-15);
}

}  // namespace costate
