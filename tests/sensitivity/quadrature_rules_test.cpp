#include <costate/sensitivity/quadrature_rules.hpp>

#include <cmath>
#include <cstddef>
#include <gtest/gtest.h>

namespace costate::detail {
namespace {

template <std::size_t Count>
double worst_error(std::size_t degree) {
  constexpr auto rule = gauss_legendre<Count>();
  double total = 0;
  for (std::size_t i = 0; i < Count; ++i)
    total += rule.weight[i] * std::pow(rule.node[i], static_cast<double>(degree));
  return std::abs(total - 1.0 / (static_cast<double>(degree) + 1));
}
template <std::size_t Count>
void expect_exact_up_to_its_degree() {
  for (std::size_t degree = 0; degree < 2 * Count; ++degree)
    EXPECT_LT(worst_error<Count>(degree), 2e-15) << Count << " nodes, degree " << degree;
  EXPECT_GT(worst_error<Count>(2 * Count), 1e-12) << Count << " nodes";
}

double kronrod(double degree) {
  double total = 0;
  for (std::size_t i = 0; i < 8; ++i)
    total += (i == 0 ? 1 : 2) * Kronrod15::weight[i] * std::pow(Kronrod15::node[i], degree);
  return total;
}
double gauss(double degree) {
  double total = 0;
  for (std::size_t i = 0; i < 4; ++i)
    total += (i == 0 ? 1 : 2) * Kronrod15::gauss_weight[i] * std::pow(Kronrod15::node[2 * i], degree);
  return total;
}

}  // namespace

TEST(GaussLegendre, IsExactUpToItsDegreeAndNoFurther) {
  expect_exact_up_to_its_degree<1>();
  expect_exact_up_to_its_degree<2>();
  expect_exact_up_to_its_degree<3>();
  expect_exact_up_to_its_degree<4>();
  expect_exact_up_to_its_degree<5>();
}

TEST(Kronrod15, IsExactUpToDegree23AndItsGaussNodesUpTo13) {
  for (int degree = 0; degree <= 22; degree += 2)
    EXPECT_NEAR(kronrod(degree), 2.0 / (degree + 1), 1e-15) << degree;
  EXPECT_GT(std::abs(kronrod(24) - 2.0 / 25), 1e-11);
  for (int degree = 0; degree <= 12; degree += 2)
    EXPECT_NEAR(gauss(degree), 2.0 / (degree + 1), 1e-15) << degree;
  EXPECT_GT(std::abs(gauss(14) - 2.0 / 15), 1e-6);
}

}  // namespace costate::detail
