#include <costate/methods/bs3.hpp>
#include <costate/methods/bs5.hpp>
#include <costate/methods/dp5.hpp>
#include <costate/methods/dp8.hpp>
#include <costate/methods/euler.hpp>
#include <costate/methods/heun.hpp>
#include <costate/methods/midpoint.hpp>
#include <costate/methods/owren_zen3.hpp>
#include <costate/methods/owren_zen4.hpp>
#include <costate/methods/owren_zen5.hpp>
#include <costate/methods/ralston.hpp>
#include <costate/methods/rk4.hpp>
#include <costate/methods/tsit5.hpp>
#include <costate/methods/tsit_pap8.hpp>
#include <costate/methods/vern6.hpp>
#include <costate/methods/vern7.hpp>
#include <costate/methods/vern8.hpp>
#include <costate/methods/vern9.hpp>

#include <cmath>
#include <cstddef>
#include <gtest/gtest.h>
#include <string>

namespace costate {
namespace {

template <class Method>
class TableauRows : public testing::Test {};
struct MethodNames {
  template <class Method>
  static std::string GetName(int) {
    return std::string(Method::name);
  }
};
using Methods = testing::Types<Euler, Midpoint, Heun, Ralston, RK4, BS3, OwrenZen3, OwrenZen4, DP5, Tsit5,
                               BS5, OwrenZen5, Vern6, Vern7, Vern8, DP8, TsitPap8, Vern9>;
TYPED_TEST_SUITE(TableauRows, Methods, MethodNames);

/// A sum that should be `wanted`, and what its terms may have lost where each was rounded to a double.
struct Sum {
  double value = 0, size = 0;
  void add(double x) { value += x, size += std::abs(x); }
  void expect(double wanted, const char* what, std::size_t row) const {
    EXPECT_LE(std::abs(value - wanted), 3e-16 * size) << what << ' ' << row;
  }
};

}  // namespace

// The order conditions sum over rows of very different sizes, and what one row rounds hides digits of
// another: each row for itself knows all that a double holds. The end of a row of dense output is the weight
// of the step, its slope there that of f(u₊, t + h) alone.
TYPED_TEST(TableauRows, AreRightToTheirLastDigit) {
  const auto& tableau = TypeParam::tableau;
  const std::size_t next = tableau.fsal ? tableau.stages - 1 : tableau.stages;
  for (std::size_t i = 0; i < tableau.r.size(); ++i) {
    Sum stage, end, slope;
    for (const double a : tableau.a[i]) stage.add(a);
    for (std::size_t q = 0; q < tableau.degree; ++q) {
      end.add(tableau.r[i][q]);
      slope.add(static_cast<double>(q + 1) * tableau.r[i][q]);
    }
    stage.expect(tableau.c[i], "node", i);
    end.expect(i < tableau.stages ? tableau.b[i] : 0.0, "end of dense output", i);
    slope.expect(i == next ? 1.0 : 0.0, "slope at the end of dense output", i);
  }
}

}  // namespace costate
