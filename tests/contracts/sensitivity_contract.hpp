#pragma once

#include <costate/ad/gradient.hpp>
#include <costate/methods/tsit5.hpp>
#include <costate/problems/ode_problem.hpp>
#include <costate/sensitivity/check_gradient.hpp>
#include <costate/solve/solve.hpp>

#include <cmath>
#include <contracts/random_reads.hpp>
#include <cstddef>
#include <gtest/gtest.h>
#include <limits>
#include <type_traits>
#include <vector>

namespace costate {

/// What every sensitivity algorithm owes: the gradient of the discrete map, by whatever a solution was read
/// with.
///
/// Abstraction: `solve(problem, method, options, sensitivity)` inside a gradient. Usage: one line a
/// sensitivity, `INSTANTIATE_TYPED_TEST_SUITE_P(Forward, SensitivityContract, ForwardSensitivity);`. The
/// references are Dual numbers through the same loss and central differences along the frozen mesh
/// (check_gradient), which share no code with a reverse sweep.
template <class Sensitivity>
class SensitivityContract : public testing::Test {
 public:
  static constexpr bool exact = !std::is_same_v<Sensitivity, FiniteDifference>;

  /// How far apart two routes may be: rounding for exact ones, truncation where differences take part.
  template <class T>
  static constexpr double rounding = exact ? (std::is_same_v<T, float> ? 2e-5 : 1e-12)
                                           : (std::is_same_v<T, float> ? 2e-2 : 2e-8);
  template <class T>
  static constexpr double truncation = std::is_same_v<T, float> ? 2e-2 : 2e-8;

  /// How a solution is saved and read.
  struct Case {
    const char* name;
    SolveOptions options;
    std::vector<double> reads{};
    TimeSpan<double> span{0.0, 2.5};
  };
  static std::vector<Case> cases() {
    const SolveOptions base{.abstol = 1e-6, .reltol = 1e-6};
    const auto saved_at = [&](SaveAt saveat) {
      SolveOptions options = base;
      options.saveat = saveat;
      return options;
    };
    const auto and_every_step = [](SolveOptions options, bool every_step) {
      options.save_everystep = every_step;
      return options;
    };
    const auto without_dense = [](SolveOptions options) {
      options.dense = false;
      return options;
    };
    const std::vector<double> reads{0.0, 0.31, 1.7, 1.7, 2.5};
    const SaveAt spacing = 0.25, past_the_end = 0.4, list{0.1, 0.9, 0.95, 2.4}, ends{0.0, 1.0, 2.5},
                 nothing = std::vector<double>{};
    return {{"spacing", saved_at(spacing), reads},
            {"spacing that does not divide the span", saved_at(past_the_end), reads},
            {"list", saved_at(list), reads},
            {"list with both ends", saved_at(ends), reads},
            {"empty list", saved_at(nothing), reads},
            {"every step", base, reads},
            {"ends only", and_every_step(base, false), reads},
            {"spacing and every step", and_every_step(saved_at(spacing), true), reads},
            {"spacing, no dense output", without_dense(saved_at(spacing))},
            {"every step, no dense output", without_dense(base)},
            {"ends only, no dense output", without_dense(and_every_step(base, false))},
            {"list, backwards", saved_at({2.4, 0.9, 0.1}), reads, {2.5, 0.0}},
            {"spacing, backwards", saved_at(spacing), reads, {2.5, 0.0}},
            {"every step, backwards", base, reads, {2.5, 0.0}},
            {"spacing, backwards, no dense output", without_dense(saved_at(spacing)), {}, {2.5, 0.0}}};
  }

  /// x = (u0, p) in T; N and M are the extents that the problem sees.
  template <class T, std::size_t N, std::size_t M>
  static auto loss_of(const Case& c) {
    return [c](const auto& x) {
      using S = scalar_of<decltype(x)>;
      auto u0 = detail::zeros<S, N>(2);
      auto p = detail::zeros<S, M>(3);
      for (std::size_t i = 0; i < 2; ++i) u0[i] = x[i];
      for (std::size_t i = 0; i < 3; ++i) p[i] = x[2 + i];
      const auto solution =
          solve(ODEProblem(DrivenPredatorPrey{}, u0, c.span, p), Tsit5{}, c.options, Sensitivity{});
      return random_reads(solution, c.reads);
    };
  }
  template <class T>
  static Vector<T, 5> point() {
    return {0.9, 1.2, 1.1, 0.8, 1.7};
  }

  template <class T, std::size_t N, std::size_t M>
  static void agrees_with_dual_numbers_and_differences(const Case& c) {
    SCOPED_TRACE(c.name);
    const auto comparison = check_gradient(loss_of<T, N, M>(c), point<T>());
    EXPECT_LT(relative_difference(comparison.reverse, comparison.forward), rounding<T>);
    EXPECT_LT(relative_difference(comparison.reverse, comparison.finite_difference), truncation<T>);
    for (const T& g : comparison.reverse) EXPECT_NE(g, T(0));
  }
};

TYPED_TEST_SUITE_P(SensitivityContract);

TYPED_TEST_P(SensitivityContract, AgreesWithDualNumbersAndDifferences) {
  using Fixture = SensitivityContract<TypeParam>;
  for (const auto& c : Fixture::cases())
    Fixture::template agrees_with_dual_numbers_and_differences<double, 2, 3>(c);
}

TYPED_TEST_P(SensitivityContract, AgreesForSizesKnownAtRunTime) {
  using Fixture = SensitivityContract<TypeParam>;
  for (const auto& c : Fixture::cases()) {
    SCOPED_TRACE(c.name);
    const auto sized =
        gradient(Fixture::template loss_of<double, dynamic, dynamic>(c), Fixture::template point<double>());
    const auto fixed =
        gradient(Fixture::template loss_of<double, 2, 3>(c), Fixture::template point<double>());
    // the two sum in another order: where every step is saved, the places of the steps show the rounding of
    // error estimates, which is eps / tolerance and more where a step is better than it need be
    const bool saves_steps = c.options.save_everystep.value_or(!c.options.saveat.is_set());
    EXPECT_LT(relative_difference(sized, fixed),
              (saves_steps ? 1e5 : 100) * Fixture::template rounding<double>);
  }
}

TYPED_TEST_P(SensitivityContract, AgreesInFloat) {
  using Fixture = SensitivityContract<TypeParam>;
  for (auto c : Fixture::cases()) {
    c.options.abstol = c.options.reltol = 1e-4;
    Fixture::template agrees_with_dual_numbers_and_differences<float, 2, 3>(c);
  }
}

TYPED_TEST_P(SensitivityContract, GivesThePartByTheInitialStateOrByTheParametersAlone) {
  using Fixture = SensitivityContract<TypeParam>;
  for (const auto& c : Fixture::cases()) {
    SCOPED_TRACE(c.name);
    const auto x = Fixture::template point<double>();
    const ODEProblem problem(DrivenPredatorPrey{}, Vector{x[0], x[1]}, c.span, Vector{x[2], x[3], x[4]});
    const auto loss = [&](const auto& changed) {
      return random_reads(solve(changed, Tsit5{}, c.options, TypeParam{}), c.reads);
    };
    const auto both = gradient(Fixture::template loss_of<double, 2, 3>(c), x);
    const auto by_u0 = gradient([&](const auto& u0) { return loss(problem.with_u0(u0)); }, problem.u0());
    const auto by_p = gradient([&](const auto& p) { return loss(problem.with_p(p)); }, problem.p());
    EXPECT_LT(relative_difference(by_u0, Vector{both[0], both[1]}), 100 * Fixture::template rounding<double>);
    EXPECT_LT(relative_difference(by_p, Vector{both[2], both[3], both[4]}),
              100 * Fixture::template rounding<double>);
  }
}

TYPED_TEST_P(SensitivityContract, IsLinearInTheCotangents) {
  using Fixture = SensitivityContract<TypeParam>;
  const auto c = Fixture::cases().front();
  const auto loss = Fixture::template loss_of<double, 2, 3>(c);
  const auto x = Fixture::template point<double>();
  const auto once = gradient(loss, x);
  const auto chained =
      gradient([&](const auto& y) { return 3.0 * loss(y) - loss(y) * 1.0; }, x);  // two solves in one loss
  EXPECT_LT(relative_difference(chained, once * 2.0), 10 * Fixture::template rounding<double>);
}

TYPED_TEST_P(SensitivityContract, ChainsASolveOntoTheEndOfAnother) {
  using Fixture = SensitivityContract<TypeParam>;
  const auto loss = [](const auto& u0) {
    const ODEProblem problem(DrivenPredatorPrey{}, u0, {0.0, 1.0}, {1.1, 0.8, 1.7});
    const SolveOptions options{.abstol = 1e-8, .reltol = 1e-8};
    const auto first = solve(problem, Tsit5{}, options, TypeParam{});
    const auto second =
        solve(problem.with_u0(first.back()).with_tspan({1.0, 2.0}), Tsit5{}, options, TypeParam{});
    return random_reads(second, {1.3}) * first(0.4)[1];
  };
  const auto comparison = check_gradient(loss, Vector{0.9, 1.2});
  EXPECT_LT(relative_difference(comparison.reverse, comparison.forward), Fixture::template rounding<double>);
  EXPECT_LT(relative_difference(comparison.reverse, comparison.finite_difference),
            Fixture::template truncation<double>);
}

TYPED_TEST_P(SensitivityContract, IsZeroForWhatDoesNotDepend) {
  const auto solved = [](const auto& p) {
    return solve(ODEProblem(DrivenPredatorPrey{}, {0.9, 1.2}, {0.0, 1.0}, p), Tsit5{}, {.saveat = 0.5},
                 TypeParam{});
  };
  const Vector p{1.1, 0.8, 1.7};
  // the initial state is saved too, and does not depend on p
  for (const double g : gradient([&](const auto& q) { return solved(q)[0][1]; }, p)) EXPECT_EQ(g, 0.0);
  for (const double g : gradient([&](const auto& q) { return 0.0 * solved(q).back()[0] + 3.0; }, p))
    EXPECT_EQ(g, 0.0);
  const auto unused = gradient([&](const auto& q) { return solved(q).successful() ? q[1] * 2 : q[0]; }, p);
  EXPECT_EQ(unused[0], 0.0);
  EXPECT_EQ(unused[1], 2.0);
}

TYPED_TEST_P(SensitivityContract, MakesAFailedSolveInfiniteWithAZeroGradient) {
  // u' = p u² leaves every bound at t = 1 / (p u0)
  const auto explosion = [](auto& du, const auto& u, const auto& p, auto /*t*/) {
    du[0] = p[0] * u[0] * u[0];
  };
  const auto run = [&](auto read, std::size_t max_steps) {
    return value_and_gradient(
        [&](const auto& u0, const auto& p) {
          const ODEProblem problem(explosion, u0, {0.0, 3.0}, p);
          return read(solve(problem, Tsit5{}, {.max_steps = max_steps, .saveat = 0.5}, TypeParam{}), p);
        },
        Vector{1.0}, Vector{1.0});
  };
  const auto last = [](const auto& solution, const auto& p) { return solution.back()[0] + p[0]; };
  const auto third = [](const auto& solution, const auto&) { return solution(2.9)[0]; };
  const auto reached = [](const auto& solution, const auto& p) { return solution[1][0] * p[0]; };
  const auto read_where_reached = [](const auto& solution, const auto&) { return solution(0.01)[0]; };
  const auto check = [](const auto& result) {
    const auto& [value, by_u0, by_p] = result;
    EXPECT_EQ(value, std::numeric_limits<double>::infinity());
    EXPECT_EQ(by_u0[0], 0.0);
    EXPECT_EQ(by_p[0], 0.0);
    EXPECT_FALSE(is_successful(result.status()));
  };
  check(run(last, 100000));
  check(run(third, 100000));
  check(run(reached, 100000));
  check(run(read_where_reached, 100000));
  EXPECT_EQ(run(last, 5).status(), Status::max_steps_reached);
  check(run(last, 5));
  EXPECT_EQ(run([](const auto&, const auto& p) { return 2.0 * p[0]; }, 5).value(), 2.0)
      << "a loss that does not look is not failed";

  const auto healthy = value_and_gradient(
      [](const auto& p) {
        return solve(ODEProblem(DrivenPredatorPrey{}, {0.9, 1.2}, {0.0, 1.0}, p), Tsit5{}, {}, TypeParam{})
            .back()[0];
      },
      Vector{1.1, 0.8, 1.7});
  EXPECT_EQ(healthy.status(), Status::success) << "the failure is forgotten by the next gradient";
  EXPECT_NE(std::get<1>(healthy)[0], 0.0);
}

TYPED_TEST_P(SensitivityContract, GivesTheSameBitsTwice) {
  using Fixture = SensitivityContract<TypeParam>;
  for (const auto& c : Fixture::cases()) {
    const auto loss = Fixture::template loss_of<double, 2, 3>(c);
    const auto first = gradient(loss, Fixture::template point<double>());
    const auto second = gradient(loss, Fixture::template point<double>());
    for (std::size_t i = 0; i < first.size(); ++i) EXPECT_EQ(first[i], second[i]) << c.name;
  }
}

REGISTER_TYPED_TEST_SUITE_P(SensitivityContract, AgreesWithDualNumbersAndDifferences,
                            AgreesForSizesKnownAtRunTime, AgreesInFloat,
                            GivesThePartByTheInitialStateOrByTheParametersAlone, IsLinearInTheCotangents,
                            ChainsASolveOntoTheEndOfAnother, IsZeroForWhatDoesNotDepend,
                            MakesAFailedSolveInfiniteWithAZeroGradient, GivesTheSameBitsTwice);

}  // namespace costate
