#pragma once

#include <costate/solve/solve.hpp>

#include <algorithm>
#include <cmath>
#include <contracts/erased_problem.hpp>
#include <contracts/property.hpp>

namespace costate::quadrature {

/// u' = Σ p_k t^k
inline const ErasedRhs polynomial{[](VectorView<double>& du, const VectorView<const double>&,
                                     const VectorView<const double>& p, const double& t) {
  du[0] = 0;
  for (std::size_t k = p.size(); k-- > 0;) du[0] = du[0] * t + p[k];
}};
inline double integral(const std::vector<double>& p, double from, double to) {
  double at_to = 0, at_from = 0;
  for (std::size_t k = p.size(); k-- > 0;) {
    at_to = (at_to + p[k] / static_cast<double>(k + 1)) * to;
    at_from = (at_from + p[k] / static_cast<double>(k + 1)) * from;
  }
  return at_to - at_from;
}
inline void near_within(double value, double expected, double allowed) {
  if (!(std::abs(value - expected) <= allowed))
    RC_FAIL("off by " + std::to_string((value - expected) / allowed) + " times what rounding allows");
}

/// A method of order p integrates every polynomial of degree < p exactly, on every mesh: the mesh is given by
/// stops, one step from each to the next. Its dense output of order q does so for degrees < q at every point.
template <class Method>
void integrates_polynomials(int degree_limit, bool read_between) {
  const auto count = static_cast<std::size_t>(*rc::gen::inRange(1, degree_limit + 1));
  const auto p = *numbers(count, -1, 1);
  const double t0 = *number(-1, 1), t1 = *number(-1, 1);
  RC_PRE(t0 != t1);
  const auto inside = *rc::gen::container<std::vector<double>>(number(0, 1));
  SolveOptions options{.dt = std::abs(t1 - t0), .adaptive = false};
  for (const double theta : inside) options.tstops.push_back(t0 + theta * (t1 - t0));
  const ErasedProblem problem(polynomial, Vector<double>{0.5}, {t0, t1},
                              Vector<double>(VectorView<const double>(p.data(), p.size())));
  const auto solution = solve(problem, Method{}, options);
  RC_ASSERT(solution.successful());
  RC_ASSERT(solution.statistics().steps <= inside.size() + 1);
  // weights of both signs and up to 1e4 in Vern9's interpolant
  double weight = 1;
  if (read_between)
    for (const auto& row : Method::tableau.r)
      for (const double r : row) weight = std::max(weight, std::abs(r));
  for (std::size_t i = 0; i < solution.size(); ++i)
    near_within(solution[i][0], 0.5 + integral(p, t0, solution.t()[i]), 1e-13);
  if (!read_between) return;
  const double t = t0 + *number(0, 1) * (t1 - t0);
  near_within(solution(t)[0], 0.5 + integral(p, t0, t), 1e-13 + 1e-14 * weight);
}

}  // namespace costate::quadrature

namespace costate {

/// `INSTANTIATE_TYPED_TEST_SUITE_P(LowOrder, QuadratureProperty, testing::Types<Tsit5>);`
template <class Method>
class QuadratureProperty : public testing::Test {};
TYPED_TEST_SUITE_P(QuadratureProperty);

TYPED_TEST_P(QuadratureProperty, IsExactBelowTheOrderOnEveryMesh) {
  rc::detail::checkGTest(
      [] { quadrature::integrates_polynomials<TypeParam>(TypeParam::tableau.order, false); });
}
TYPED_TEST_P(QuadratureProperty, IsExactBelowTheDenseOrderAtEveryPoint) {
  rc::detail::checkGTest(
      [] { quadrature::integrates_polynomials<TypeParam>(TypeParam::tableau.dense_order, true); });
}
REGISTER_TYPED_TEST_SUITE_P(QuadratureProperty, IsExactBelowTheOrderOnEveryMesh,
                            IsExactBelowTheDenseOrderAtEveryPoint);

}  // namespace costate
