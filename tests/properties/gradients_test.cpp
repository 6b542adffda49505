#include <costate/ad/gradient.hpp>
#include <costate/methods/tsit5.hpp>
#include <costate/problems/ode_problem.hpp>
#include <costate/sensitivity/discrete_adjoint.hpp>
#include <costate/sensitivity/forward_sensitivity.hpp>
#include <costate/sensitivity/interpolating_adjoint.hpp>
#include <costate/solve/solve.hpp>

#include <algorithm>
#include <cmath>
#include <contracts/property.hpp>
#include <contracts/random_reads.hpp>

namespace costate {
namespace {

/// A solve with random numbers, saved and read at random times, in either direction.
struct Example {
  std::vector<double> u0, p;
  double t0, t1, tolerance;
  std::vector<double> saveat, reads;
  bool saves_list, dense;

  SolveOptions options() const {
    SolveOptions result{.abstol = tolerance, .reltol = tolerance};
    if (saves_list) result.saveat = saveat;
    result.dense = dense;
    return result;
  }
};
Example any_example() {
  Example e;
  e.u0 = *numbers(2, 0.2, 1.5);
  e.p = *numbers(3, 0.2, 1.8);
  e.t0 = *number(-1, 1);
  e.t1 = e.t0 + *number(-2, 2);
  RC_PRE(e.t0 != e.t1);
  e.tolerance = std::pow(10.0, -*rc::gen::inRange(2, 10));
  const auto any_times = [&] {
    auto times = *rc::gen::container<std::vector<double>>(rc::gen::weightedOneOf<double>(
        {{6, number(0, 1)}, {1, rc::gen::just(0.0)}, {1, rc::gen::just(1.0)}}));
    std::sort(times.begin(), times.end());
    for (double& t : times)
      t = std::clamp(e.t0 + t * (e.t1 - e.t0), std::min(e.t0, e.t1), std::max(e.t0, e.t1));
    return times;
  };
  e.saveat = any_times();
  e.saves_list = *rc::gen::arbitrary<bool>();
  e.dense = *rc::gen::arbitrary<bool>();
  if (e.dense) e.reads = any_times();
  return e;
}

/// Σ weight · what is saved and read; every seed is another loss.
template <class Solution>
auto loss_of(const Solution& solution, const Example& e, std::uint32_t seed) {
  RandomWeights weight(seed);
  typename Solution::value_type total(0);
  for (std::size_t i = 0; i < solution.size(); ++i)
    for (std::size_t k = 0; k < 2; ++k) total += weight() * solution[i][k];
  for (const double t : e.reads)
    for (std::size_t k = 0; k < 2; ++k) total += weight() * solution(t)[k];
  return total;
}

/// The gradient by (u0, p) of a · loss 1 + b · loss 2.
template <class Sensitivity>
std::vector<double> gradient_of(const Example& e, double a, double b, const Sensitivity& sensitivity) {
  const auto [by_u0, by_p] = gradient(
      [&](const auto& x, const auto& q) {
        const auto solution =
            solve(ODEProblem(DrivenPredatorPrey{}, x, {e.t0, e.t1}, q), Tsit5{}, e.options(), sensitivity);
        return a * loss_of(solution, e, 1) + b * loss_of(solution, e, 2);
      },
      e.u0, e.p);
  std::vector<double> all(by_u0.begin(), by_u0.end());
  all.insert(all.end(), by_p.begin(), by_p.end());
  return all;
}
double largest(const std::vector<double>& x) {
  double result = 0;
  for (const double v : x) result = std::max(result, std::abs(v));
  return result;
}

template <class Sensitivity>
void is_linear_in_the_cotangents(double tolerances) {
  const Example e = any_example();
  const Sensitivity sensitivity{};
  const auto one = gradient_of(e, 1, 0, sensitivity), two = gradient_of(e, 0, 1, sensitivity);
  const double a = std::ldexp(1.0, *rc::gen::inRange(-60, 60)), c = *number(-3, 3);
  const auto scaled = gradient_of(e, a, 0, sensitivity), sum = gradient_of(e, 1, c, sensitivity);
  const double size = largest(one) + std::abs(c) * largest(two);
  for (std::size_t i = 0; i < one.size(); ++i) {
    RC_ASSERT(std::abs(scaled[i] / a - one[i]) <= 1e-13 * largest(one));
    RC_ASSERT(std::abs(sum[i] - one[i] - c * two[i]) <= (1e-12 + tolerances * e.tolerance) * size);
  }
}

}  // namespace

RC_GTEST_PROP(Gradient, IsLinearInTheCotangentsByTheDiscreteAdjoint, ()) {
  is_linear_in_the_cotangents<DiscreteAdjoint>(0);
}
RC_GTEST_PROP(Gradient, IsLinearInTheCotangentsByForwardSensitivity, ()) {
  is_linear_in_the_cotangents<ForwardSensitivity>(0);
}
// other cotangents make other backward steps
RC_GTEST_PROP(Gradient, IsLinearInTheCotangentsByTheInterpolatingAdjoint, ()) {
  is_linear_in_the_cotangents<InterpolatingAdjoint>(1e3);
}

RC_GTEST_PROP(Gradient, HasTheSameBitsForEveryNumberOfCheckpoints, ()) {
  const Example e = any_example();
  const auto all = gradient_of(e, 1, 0.5, DiscreteAdjoint{});
  const auto checkpoints = static_cast<std::size_t>(*rc::gen::inRange(1, 40));
  RC_ASSERT(gradient_of(e, 1, 0.5, DiscreteAdjoint{.checkpoints = checkpoints}) == all);
}

RC_GTEST_PROP(Gradient, IsTheSameForwardsAndBackwards, ()) {
  const Example e = any_example();
  const auto reverse = gradient_of(e, 1, 0.5, DiscreteAdjoint{});
  const auto forward = gradient_of(e, 1, 0.5, ForwardSensitivity{});
  for (std::size_t i = 0; i < reverse.size(); ++i)
    RC_ASSERT(std::abs(reverse[i] - forward[i]) <= 1e-12 * (largest(forward) + 1));
}

RC_GTEST_PROP(Gradient, OfTheContinuousAdjointIsThatOfTheDiscreteOneWithinTheTolerance, ()) {
  const Example e = any_example();
  const auto discrete = gradient_of(e, 1, 0.5, DiscreteAdjoint{});
  const auto continuous = gradient_of(e, 1, 0.5, InterpolatingAdjoint{});
  const double size = static_cast<double>(e.saveat.size() + e.reads.size() + 10) * (largest(discrete) + 1);
  for (std::size_t i = 0; i < discrete.size(); ++i)
    RC_ASSERT(std::abs(discrete[i] - continuous[i]) <= 300 * e.tolerance * size);
}

}  // namespace costate
