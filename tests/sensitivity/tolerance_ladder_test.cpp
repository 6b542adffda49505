#include <costate/ad/gradient.hpp>
#include <costate/methods/tsit5.hpp>
#include <costate/methods/vern7.hpp>
#include <costate/problems/ode_problem.hpp>
#include <costate/sensitivity/discrete_adjoint.hpp>
#include <costate/solve/solve.hpp>

#include <cmath>
#include <contracts/random_reads.hpp>
#include <gtest/gtest.h>

namespace costate {
namespace {

template <class Method>
Vector<double, 5> gradient_at(double tolerance) {
  const auto loss = [&](const auto& x) {
    const ODEProblem problem(DrivenPredatorPrey{}, Vector{x[0], x[1]}, {0.0, 8.0}, Vector{x[2], x[3], x[4]});
    return random_reads(solve(problem, Method{}, {.abstol = tolerance, .reltol = tolerance, .saveat = 0.5}),
                        {0.77, 3.3, 7.9});
  };
  return gradient(loss, Vector{0.9, 1.2, 1.1, 0.8, 1.7});
}

template <class Method>
class ToleranceLadder : public testing::Test {};
using Methods = testing::Types<Tsit5, Vern7>;
TYPED_TEST_SUITE(ToleranceLadder, Methods);

}  // namespace

// A fixed loose bar hides a gradient that is wrong by half a percent; a gradient that converges to the right
// one is right.
TYPED_TEST(ToleranceLadder, GradientErrorFallsWithTheTolerance) {
  const auto reference = gradient_at<Vern7>(1e-14);
  double previous = 1;
  for (const double tolerance : {1e-4, 1e-6, 1e-8, 1e-10}) {
    const double error = relative_difference(gradient_at<TypeParam>(tolerance), reference);
    this->RecordProperty(std::to_string(std::lround(std::log10(tolerance))),
                         std::to_string(std::log10(error)));
    EXPECT_LT(error, 40 * tolerance) << "at " << tolerance;
    EXPECT_LT(error, previous / 20) << "at " << tolerance
                                    << ": two decades of tolerance bring less than 1.3 of accuracy";
    previous = error;
  }
}

}  // namespace costate
