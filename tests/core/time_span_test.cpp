#include <costate/ad/var.hpp>
#include <costate/core/time_span.hpp>

#include <gtest/gtest.h>
#include <type_traits>

namespace costate {
namespace {

template <class A, class B>
inline constexpr bool same = std::is_same_v<std::remove_cvref_t<A>, B>;

static_assert(same<decltype(TimeSpan{0.0, 1.0}), TimeSpan<double>>);
static_assert(same<decltype(TimeSpan{0, 1}), TimeSpan<double>>);
static_assert(same<decltype(TimeSpan{0.0f, 1.0f}), TimeSpan<double>>,
              "plain times are doubles whatever the state is");
static_assert(same<decltype(TimeSpan{0, Var<double>(1.0)}), TimeSpan<Var<double>>>);
static_assert(same<decltype(TimeSpan{Dual<double, 2>(0.0), 1.0}), TimeSpan<Dual<double, 2>>>);
static_assert(TimeSpan{1, 0}.start == 1.0, "in either direction, in constant expressions");

double length(TimeSpan<double> span) {
  return span.end - span.start;
}

TEST(TimeSpan, ComesFromBraces) {
  EXPECT_EQ(length({0.5, 2.0}), 1.5);
  EXPECT_EQ(length({2, 0}), -2);
}

TEST(TimeSpan, CarriesDerivatives) {
  const TimeSpan span{0.0, Dual<double, 1>::variable(3.0, 0)};
  EXPECT_EQ(span.start.partial[0], 0);
  EXPECT_EQ(span.end.value, 3);
  EXPECT_EQ(span.end.partial[0], 1);
}

}  // namespace
}  // namespace costate
