#include <costate/methods/tsit5.hpp>
#include <costate/methods/vern7.hpp>
#include <costate/solve/solve.hpp>

#include <algorithm>
#include <cmath>
#include <contracts/erased_problem.hpp>
#include <contracts/property.hpp>
#include <model_problems/lotka_volterra.hpp>

namespace costate {
namespace {

using model_problems::distance;
using model_problems::LotkaVolterra;

struct Span {
  double t0, t1;
  double at(double theta) const {
    return std::clamp(t0 + theta * (t1 - t0), std::min(t0, t1), std::max(t0, t1));
  }
  ErasedProblem problem() const {
    return ErasedProblem(erased<LotkaVolterra>().with_tspan(TimeSpan{t0, t1}));
  }
};
Span any_span() {
  const Span span{*number(-2, 2), *number(-2, 2)};
  RC_PRE(span.t0 != span.t1);
  return span;
}
/// Times of the span, in its direction; ends and repeated ones among them.
std::vector<double> any_times(const Span& span) {
  auto part = *rc::gen::container<std::vector<double>>(
      rc::gen::weightedOneOf<double>({{8, number(0, 1)}, {1, rc::gen::just(0.0)}, {1, rc::gen::just(1.0)}}));
  if (!part.empty() && *rc::gen::arbitrary<bool>()) part.push_back(part.front());
  std::sort(part.begin(), part.end());
  for (double& x : part) x = span.at(x);
  return part;
}
SolveOptions any_options() {
  SolveOptions options;
  options.abstol = options.reltol = std::pow(10.0, -*rc::gen::inRange(2, 11));
  return options;
}
template <class A, class B>
bool same_bits(const A& a, const B& b) {
  return a[0] == b[0] && a[1] == b[1];
}

/// Saving is looking: the steps are those without it, saved values are those of solution(t), and none changes
/// because another is saved.
template <class Method>
void saving_only_looks() {
  const Span span = any_span();
  SolveOptions options = any_options();
  options.tstops = *rc::gen::arbitrary<bool>() ? any_times(span) : std::vector<double>{};
  const auto alone = solve(span.problem(), Method{}, options);
  RC_ASSERT(alone.successful());
  const auto times = any_times(span);
  SolveOptions saving = options;
  saving.saveat = times;
  saving.dense = *rc::gen::arbitrary<bool>();
  const auto saved = solve(span.problem(), Method{}, saving);
  RC_ASSERT(saved.statistics().steps == alone.statistics().steps);
  RC_ASSERT(saved.statistics().rejected_steps == alone.statistics().rejected_steps);
  RC_ASSERT(std::vector<double>(saved.t().begin(), saved.t().end()) == times);
  // a saved point on the end of a step is the state, not the interpolant, which cancels numbers of this size
  double weight = 1;
  for (const auto& row : Method::tableau.r)
    for (const double r : row) weight = std::max(weight, std::abs(r));
  for (std::size_t i = 0; i < times.size(); ++i) {
    const double size = std::max({1.0, std::abs(saved[i][0]), std::abs(saved[i][1])});
    RC_ASSERT(distance(saved[i], alone(times[i])) <= 1e-15 * weight * size);
    if (times[i] == span.t0) RC_ASSERT(same_bits(saved[i], LotkaVolterra::u0));
    if (times[i] == span.t1) RC_ASSERT(same_bits(saved[i], alone.back()));
  }
  std::vector<double> fewer;
  for (std::size_t i = 0; i < times.size(); i += 2) fewer.push_back(times[i]);
  saving.saveat = fewer;
  const auto less = solve(span.problem(), Method{}, saving);
  for (std::size_t i = 0; i < fewer.size(); ++i) RC_ASSERT(same_bits(less[i], saved[2 * i]));
}

/// A step ends on every stop, once, whatever the order and number in which they were given.
template <class Method>
void stops_are_hit() {
  const Span span = any_span();
  SolveOptions options = any_options();
  options.tstops = any_times(span);
  const auto sorted = solve(span.problem(), Method{}, options);
  RC_ASSERT(sorted.successful());
  RC_ASSERT(sorted.t().front() == span.t0);
  RC_ASSERT(sorted.t().back() == span.t1);
  for (const double t : options.tstops) RC_ASSERT(std::count(sorted.t().begin(), sorted.t().end(), t) == 1);
  for (std::size_t i = 1; i < sorted.size(); ++i)
    RC_ASSERT((sorted.t()[i] - sorted.t()[i - 1]) * (span.t1 - span.t0) > 0);
  std::reverse(options.tstops.begin(), options.tstops.end());
  const auto reversed = solve(span.problem(), Method{}, options);
  RC_ASSERT(reversed.size() == sorted.size());
  for (std::size_t i = 0; i < sorted.size(); ++i) RC_ASSERT(same_bits(reversed[i], sorted[i]));
}

/// A spacing saves both ends and the multiples between, in either direction.
void spacing_saves_both_ends() {
  const Span span = any_span();
  const double spacing = *number(0.01, 3);
  const auto solution = solve(span.problem(), Tsit5{}, {.saveat = spacing});
  RC_ASSERT(solution.t().front() == span.t0);
  RC_ASSERT(solution.t().back() == span.t1);
  const double length = std::abs(span.t1 - span.t0);
  RC_ASSERT(std::abs(static_cast<double>(solution.size()) - 1 - length / spacing) <= 1 + 1e-6);
  for (std::size_t i = 0; i + 1 < solution.size(); ++i)
    RC_ASSERT(std::abs(std::abs(solution.t()[i] - span.t0) - static_cast<double>(i) * spacing) <= 1e-14 * 8);
}

}  // namespace

RC_GTEST_PROP(Mesh, IsNotChangedBySavingWithTsit5, ()) {
  saving_only_looks<Tsit5>();
}
RC_GTEST_PROP(Mesh, IsNotChangedBySavingWithVern7, ()) {
  saving_only_looks<Vern7>();
}
RC_GTEST_PROP(Mesh, HoldsEveryStopOnceWithTsit5, ()) {
  stops_are_hit<Tsit5>();
}
RC_GTEST_PROP(Mesh, HoldsEveryStopOnceWithVern7, ()) {
  stops_are_hit<Vern7>();
}
RC_GTEST_PROP(Mesh, OfASpacingHasBothEnds, ()) {
  spacing_saves_both_ends();
}

}  // namespace costate
