#include <costate/ad/gradient.hpp>
#include <costate/methods/bs3.hpp>
#include <costate/methods/dp8.hpp>
#include <costate/methods/tsit5.hpp>
#include <costate/methods/vern9.hpp>
#include <costate/problems/ode_problem.hpp>
#include <costate/sensitivity/derivative_guard.hpp>
#include <costate/sensitivity/discrete_adjoint.hpp>
#include <costate/solve/solve.hpp>

#include <cmath>
#include <complex>
#include <cstddef>
#include <gtest/gtest.h>
#include <initializer_list>

namespace costate {
namespace {

/// A state that moves all the time, so that only stability holds the steps: u' = −1000 p (u − v), v the
/// cosine of the frequency 20 √p, with a slow decay w that has nothing to do with it.
const auto driven = [](auto& du, const auto& u, const auto& p, const auto& /*t*/) {
  du[0] = -1000.0 * p[0] * (u[0] - u[1]);
  du[1] = 20.0 * u[2];
  du[2] = -20.0 * p[0] * u[1];
  du[3] = -u[3];
};
/// du(t)/dp at p = 1: u = Re (a / (a + iω)) e^{iωt}.
double driven_by(double t) {
  const std::complex<double> i(0, 1), a(1000), omega(20), factor = a / (a + i * omega),
                                                          turn = std::exp(i * omega * t);
  const auto by_a = i * omega / ((a + i * omega) * (a + i * omega)) * turn;
  const auto by_omega = (-i * factor / (a + i * omega) + i * t * factor) * turn;
  return (1000.0 * by_a + 10.0 * by_omega).real();
}

const Vector start{1.0, 1.0, 0.0, 1.0};
const Vector<double> sized_at_run_time{1.0, 1.0, 0.0, 1.0};

template <class Method, class U>
double error_of_gradient(const Method& method, double tolerance, const U& u0, double& evaluations_per_step) {
  const auto state = [&](const auto& p) {
    const auto solution = solve(ODEProblem(driven, u0, {0.0, 5.0}, p), method,
                                {.abstol = tolerance, .reltol = tolerance, .saveat = 5.0, .dense = false});
    const Statistics& statistics = solution.statistics();
    evaluations_per_step = static_cast<double>(statistics.rhs_evaluations) /
                           static_cast<double>(statistics.steps + statistics.rejected_steps);
    return solution.back()[0];
  };
  return std::abs(gradient(state, Vector{1.0})[0] / driven_by(5.0) - 1);
}
template <class Method, class U>
void expect_right_while_driven(const Method& method, std::initializer_list<double> tolerances,
                               double most_evaluations, const U& u0) {
  for (const double tolerance : tolerances) {
    double evaluations = 0;
    // the slow part has errors of its own
    const double allowed = std::fmax(1e-6, 200 * tolerance);
    EXPECT_LT(error_of_gradient(method, tolerance, u0, evaluations), allowed)
        << Method::name << ' ' << tolerance;
    EXPECT_LT(evaluations, most_evaluations + 0.1) << Method::name << ": one evaluation a step at most";
  }
}

}  // namespace

TEST(StiffGradients, AreRightWhereTheStateMoves) {
  expect_right_while_driven(BS3{}, {1e-3, 1e-4, 1e-6}, 4, sized_at_run_time);
  expect_right_while_driven(DP8{}, {1e-3, 1e-6, 1e-9}, 13, sized_at_run_time);
  expect_right_while_driven(Tsit5{}, {1e-3, 1e-5, 1e-7}, 7, start);
}
// The solution has a part in the fast direction only by rounding, which does not grow by 1.07 where it is one
// unit in the last place: no stage of the steps tells of it.
TEST(StiffGradients, AreRightWhereRoundingHidesTheGrowth) {
  expect_right_while_driven(Vern9{}, {4e-12, 2e-12, 1e-12}, 17, sized_at_run_time);
}

}  // namespace costate
