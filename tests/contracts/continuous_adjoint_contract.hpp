#pragma once

#include <costate/ad/gradient.hpp>
#include <costate/ad/jacobian.hpp>
#include <costate/methods/tsit5.hpp>
#include <costate/problems/ode_problem.hpp>
#include <costate/sensitivity/discrete_adjoint.hpp>
#include <costate/solve/solve.hpp>

#include <cmath>
#include <contracts/random_reads.hpp>
#include <cstddef>
#include <gtest/gtest.h>
#include <limits>
#include <stdexcept>
#include <string>
#include <vector>

namespace costate {

/// What a continuous adjoint owes beside its name: `INSTANTIATE_TYPED_TEST_SUITE_P(Gauss,
/// ContinuousAdjointContract, GaussAdjoint);`. The reference is DiscreteAdjoint, itself held against Dual
/// numbers and differences, on the same mesh; the two differ by what the tolerances leave.
template <class Sensitivity>
class ContinuousAdjointContract : public testing::Test {
 public:
  struct Case {
    const char* name;
    SaveAt saveat;
    std::vector<double> reads{};
    TimeSpan<double> span{0.0, 2.5};
    bool dense = true, every_step = false;
  };
  static std::vector<Case> cases() {
    const std::vector<double> reads{0.0, 0.31, 1.7, 1.7, 2.5};
    const SaveAt list{0.1, 0.9, 0.95, 2.4}, ends{0.0, 1.0, 2.5}, nothing = std::vector<double>{};
    return {{"spacing", 0.25, reads},
            {"list", list, reads},
            {"list with both ends", ends},
            {"reads alone", nothing, reads},
            {"every step", {}, reads, {0.0, 2.5}, true, true},
            {"one point before the end", SaveAt{1.1}},
            {"no dense output", 0.4, {}, {0.0, 2.5}, false},
            {"backwards", 0.25, reads, {2.5, 0.0}},
            {"list, backwards, no dense output", SaveAt{2.4, 0.9, 0.1}, {}, {2.5, 0.0}, false}};
  }
  static SolveOptions options_of(const Case& c, double tolerance) {
    SolveOptions options{.abstol = tolerance, .reltol = tolerance, .saveat = c.saveat, .dense = c.dense};
    if (!c.saveat.is_set()) options.save_everystep = c.every_step;
    return options;
  }

  /// x = (u0, p); N and M are the extents that the problem sees.
  template <std::size_t N, std::size_t M, class Way>
  static auto loss_of(const Case& c, double tolerance, const Way& way) {
    return [c, tolerance, way](const auto& x) {
      using S = scalar_of<decltype(x)>;
      auto u0 = detail::zeros<S, N>(2);
      auto p = detail::zeros<S, M>(3);
      for (std::size_t i = 0; i < 2; ++i) u0[i] = x[i];
      for (std::size_t i = 0; i < 3; ++i) p[i] = x[2 + i];
      const auto solution =
          solve(ODEProblem(DrivenPredatorPrey{}, u0, c.span, p), Tsit5{}, options_of(c, tolerance), way);
      return random_reads(solution, c.reads);
    };
  }
  static constexpr Vector<double, 5> point{0.9, 1.2, 1.1, 0.8, 1.7};

  template <std::size_t N, std::size_t M>
  static double difference(const Case& c, double tolerance, const Sensitivity& sensitivity = {}) {
    const auto wanted = gradient(loss_of<2, 3>(c, tolerance, DiscreteAdjoint{}), point);
    const auto got = value_and_gradient(loss_of<N, M>(c, tolerance, sensitivity), point);
    EXPECT_EQ(got.status(), Status::success);
    for (const double g : std::get<1>(got)) EXPECT_NE(g, 0.0);
    return relative_difference(std::get<1>(got), wanted);
  }

  static constexpr auto spaced = [](double tolerance) {
    return SolveOptions{.abstol = tolerance, .reltol = tolerance, .saveat = 0.25};
  };
};

TYPED_TEST_SUITE_P(ContinuousAdjointContract);

TYPED_TEST_P(ContinuousAdjointContract, ApproachesTheDiscreteGradientWithTheTolerance) {
  using Fixture = ContinuousAdjointContract<TypeParam>;
  for (const auto& c : Fixture::cases()) {
    SCOPED_TRACE(c.name);
    double first = 0;
    for (const double tolerance : {1e-4, 1e-6, 1e-8, 1e-10}) {
      const double error = Fixture::template difference<2, 3>(c, tolerance);
      EXPECT_LT(error, 60 * tolerance) << "at " << tolerance;
      if (first == 0) first = error;
    }
    const double last = Fixture::template difference<2, 3>(c, 1e-11);
    EXPECT_LT(last, std::max(first * 1e-4, 1e-11));
  }
}

TYPED_TEST_P(ContinuousAdjointContract, AgreesForSizesKnownAtRunTime) {
  using Fixture = ContinuousAdjointContract<TypeParam>;
  for (const auto& c : Fixture::cases()) {
    SCOPED_TRACE(c.name);
    EXPECT_LT((Fixture::template difference<dynamic, dynamic>(c, 1e-8)), 6e-7);
  }
}

TYPED_TEST_P(ContinuousAdjointContract, ScalesWithTheLoss) {
  using Fixture = ContinuousAdjointContract<TypeParam>;
  // an adjoint whose absolute tolerance knows nothing of the size of the loss loses the small one altogether
  const auto c = Fixture::cases().front();
  const auto scaled_by = [&](double factor) {
    const auto loss = Fixture::template loss_of<2, 3>(c, 1e-6, TypeParam{});
    return gradient([&](const auto& x) { return factor * loss(x); }, Fixture::point);
  };
  const auto whole = scaled_by(1.0), small = scaled_by(std::exp2(-60)), large = scaled_by(std::exp2(70)),
             tiny = scaled_by(1e-25);
  for (std::size_t i = 0; i < whole.size(); ++i) {
    EXPECT_EQ(small[i], std::exp2(-60) * whole[i]);
    EXPECT_EQ(large[i], std::exp2(70) * whole[i]);
    EXPECT_NEAR(tiny[i] * 1e25, whole[i], 1e-4 * std::abs(whole[i]));
  }
}

TYPED_TEST_P(ContinuousAdjointContract, GivesZeroWhereTheLossReadsNothingThatMoves) {
  const auto reads_with = [&](double weight, const SaveAt& saveat) {
    return value_and_gradient(
        [&](const auto& p) {
          const ODEProblem problem(DrivenPredatorPrey{}, Vector{0.9, 1.2}, {0.0, 2.5}, p);
          return weight * sum(solve(problem, Tsit5{}, {.saveat = saveat}, TypeParam{})[0]) + p[0];
        },
        Vector{1.1, 0.8, 1.7});
  };
  for (const auto& result : {reads_with(0.0, 0.5), reads_with(1.0, 0.5)}) {  // [0] is u0, a constant here
    EXPECT_EQ(result.status(), Status::success);
    EXPECT_EQ(std::get<1>(result)[0], 1.0);
    EXPECT_EQ(std::get<1>(result)[1], 0.0);
    EXPECT_EQ(std::get<1>(result)[2], 0.0);
  }
}

TYPED_TEST_P(ContinuousAdjointContract, DifferentiatesByPartOfTheInputs) {
  using Fixture = ContinuousAdjointContract<TypeParam>;
  const auto all =
      gradient(Fixture::template loss_of<2, 3>(Fixture::cases().front(), 1e-8, TypeParam{}), Fixture::point);
  const auto by_u0 = gradient(
      [&](const auto& u0) {
        const ODEProblem problem(DrivenPredatorPrey{}, u0, {0.0, 2.5}, Vector{1.1, 0.8, 1.7});
        return random_reads(solve(problem, Tsit5{}, Fixture::spaced(1e-8), TypeParam{}),
                            Fixture::cases().front().reads);
      },
      Vector{0.9, 1.2});
  const auto by_p = gradient(
      [&](const auto& p) {
        const ODEProblem problem(DrivenPredatorPrey{}, Vector{0.9, 1.2}, {0.0, 2.5}, p);
        return random_reads(solve(problem, Tsit5{}, Fixture::spaced(1e-8), TypeParam{}),
                            Fixture::cases().front().reads);
      },
      Vector{1.1, 0.8, 1.7});
  for (std::size_t i = 0; i < 2; ++i) EXPECT_NEAR(by_u0[i], all[i], 1e-6 * std::abs(all[i]));
  for (std::size_t i = 0; i < 3; ++i) EXPECT_NEAR(by_p[i], all[2 + i], 1e-6 * std::abs(all[2 + i]));
}

TYPED_TEST_P(ContinuousAdjointContract, KeepsTheOrderAcrossADeclaredJumpOfTheRightHandSide) {
  const auto gradient_by = [](auto way) {
    const auto loss = [&](const auto& p) {
      const auto f = [](auto& du, const auto& u, const auto& q, const auto& t) {
        const double push = t < 1.3 ? 1.0 : -2.0;
        du[0] = u[1];
        du[1] = push * q[0] - q[1] * u[0];
      };
      const ODEProblem problem(f, Vector{1.0, 0.0}, {0.0, 3.0}, p);
      const SolveOptions options{.abstol = 1e-10, .reltol = 1e-10, .saveat = {1.3, 3.0}, .tstops = {1.3}};
      return random_reads(solve(problem, Tsit5{}, options, way), {2.0});
    };
    return gradient(loss, Vector{0.7, 2.0});
  };
  EXPECT_LT(relative_difference(gradient_by(TypeParam{}), gradient_by(DiscreteAdjoint{})), 1e-8);
}

TYPED_TEST_P(ContinuousAdjointContract, WorksWithFixedSteps) {
  const auto gradient_by = [](auto way) {
    return gradient(
        [&](const auto& p) {
          const ODEProblem problem(DrivenPredatorPrey{}, Vector{0.9, 1.2}, {0.0, 2.5}, p);
          return random_reads(solve(problem, Tsit5{}, {.dt = 0.01, .adaptive = false, .saveat = 0.25}, way),
                              {1.111});
        },
        Vector{1.1, 0.8, 1.7});
  };
  EXPECT_LT(relative_difference(gradient_by(TypeParam{}), gradient_by(DiscreteAdjoint{})), 1e-9);
}

TYPED_TEST_P(ContinuousAdjointContract, DifferentiatesByTheEndsOfTheSpan) {
  const auto gradient_by = [](auto way, TimeSpan<double> span) {
    return gradient(
        [&](const auto& t) {
          const ODEProblem problem(DrivenPredatorPrey{}, Vector{0.9, 1.2}, TimeSpan{t[0], t[1]},
                                   Vector{1.1, 0.8, 1.7});
          return random_reads(solve(problem, Tsit5{}, {.abstol = 1e-9, .reltol = 1e-9, .saveat = 0.25}, way),
                              {0.6});
        },
        Vector{span.start, span.end});
  };
  for (const TimeSpan<double> span : {TimeSpan<double>{0.1, 2.3}, TimeSpan<double>{2.3, 0.1}})
    EXPECT_LT(relative_difference(gradient_by(TypeParam{}, span), gradient_by(DiscreteAdjoint{}, span)),
              1e-6);
}

TYPED_TEST_P(ContinuousAdjointContract, GivesSecondDerivatives) {
  using Fixture = ContinuousAdjointContract<TypeParam>;
  const auto c = Fixture::cases().front();
  const auto wanted = hessian(Fixture::template loss_of<2, 3>(c, 1e-9, DiscreteAdjoint{}), Fixture::point);
  const auto loss = Fixture::template loss_of<2, 3>(c, 1e-9, TypeParam{});
  const auto got = hessian(loss, Fixture::point);
  double scale = 0;
  for (std::size_t i = 0; i < 5; ++i)
    for (std::size_t j = 0; j < 5; ++j) scale = std::max(scale, std::abs(wanted(i, j)));
  for (std::size_t i = 0; i < 5; ++i)
    for (std::size_t j = 0; j < 5; ++j) EXPECT_NEAR(got(i, j), wanted(i, j), 1e-6 * scale) << i << j;
}

TYPED_TEST_P(ContinuousAdjointContract, SolvesInFloat) {
  const auto gradient_by = [](auto way) {
    return gradient(
        [&](const auto& x) {
          const ODEProblem problem(DrivenPredatorPrey{}, Vector{x[0], x[1]}, {0.0, 2.5},
                                   Vector{x[2], x[3], x[4]});
          return random_reads(solve(problem, Tsit5{}, {.abstol = 1e-5, .reltol = 1e-5, .saveat = 0.25}, way),
                              {1.111});
        },
        Vector{0.9f, 1.2f, 1.1f, 0.8f, 1.7f});
  };
  EXPECT_LT(relative_difference(gradient_by(TypeParam{}), gradient_by(DiscreteAdjoint{})), 2e-3);
}

TYPED_TEST_P(ContinuousAdjointContract, TakesTheUsersOwnDerivative) {
  const auto f = [](VectorView<double> du, VectorView<const double> u, VectorView<const double> p, double) {
    du[0] = u[1];
    du[1] = -p[0] * std::sin(u[0]) - p[1] * u[1];
  };
  const auto vjp = [](auto& ubar, auto& pbar, const auto& lambda, const auto& u, const auto& p, double) {
    ubar[0] -= lambda[1] * p[0] * std::cos(u[0]);
    ubar[1] += lambda[0] - lambda[1] * p[1];
    pbar[0] -= lambda[1] * std::sin(u[0]);
    pbar[1] -= lambda[1] * u[1];
  };
  const auto gradient_by = [&](auto way) {
    return gradient(
        [&](const auto& p) {
          const ODEProblem problem(ODEFunction{f}.with_vjp(vjp), Vector<double>{1.0, 0.0}, {0.0, 2.0},
                                   Vector<scalar_of<decltype(p)>>(p));
          return random_reads(solve(problem, Tsit5{}, {.abstol = 1e-9, .reltol = 1e-9, .saveat = 0.5}, way),
                              {0.3});
        },
        Vector{9.81, 0.2});
  };
  EXPECT_LT(relative_difference(gradient_by(TypeParam{}), gradient_by(DiscreteAdjoint{})), 1e-7);
}

TYPED_TEST_P(ContinuousAdjointContract, SaysWhenTheBackwardSolveFails) {
  using Fixture = ContinuousAdjointContract<TypeParam>;
  const auto result = value_and_gradient(
      [&](const auto& p) {
        const ODEProblem problem(DrivenPredatorPrey{}, Vector{0.9, 1.2}, {0.0, 2.5}, p);
        SolveOptions options{.abstol = 1e-6, .reltol = 1e-6, .max_steps = 40, .saveat = 1.0};
        TypeParam sensitivity{};
        sensitivity.abstol = sensitivity.reltol = 1e-13;
        return random_reads(solve(problem, Tsit5{}, options, sensitivity), {});
      },
      Vector{1.1, 0.8, 1.7});
  EXPECT_EQ(result.status(), Status::adjoint_failed);
  EXPECT_EQ(result.value(), std::numeric_limits<double>::infinity());
  for (const double g : std::get<1>(result)) EXPECT_EQ(g, 0.0);
  // the next gradient knows nothing of it
  const auto c = Fixture::cases().front();
  EXPECT_LT((Fixture::template difference<2, 3>(c, 1e-6)), 1e-4);
}

TYPED_TEST_P(ContinuousAdjointContract, GivesNaNForACotangentThatIsNaN) {
  const auto result = value_and_gradient(
      [&](const auto& p) {
        const ODEProblem problem(DrivenPredatorPrey{}, Vector{0.9, 1.2}, {0.0, 2.5}, p);
        const auto solution = solve(problem, Tsit5{}, {.saveat = 0.5}, TypeParam{});
        const auto zero = solution[2][0] - plain(solution[2][0]);
        return sqrt(zero * zero) + solution[4][1];  // the root has no derivative at 0
      },
      Vector{1.1, 0.8, 1.7});
  for (const double g : std::get<1>(result)) EXPECT_TRUE(std::isnan(g));
}

TYPED_TEST_P(ContinuousAdjointContract, RefusesListsOfTolerancesThatDoNotFit) {
  for (const std::vector<double>& list : {std::vector<double>{}, std::vector<double>{1e-6}}) {
    const auto run = [&](SolveOptions options) {
      gradient(
          [&](const auto& p) {
            const ODEProblem problem(DrivenPredatorPrey{}, Vector{0.9, 1.2}, {0.0, 2.5}, p);
            return random_reads(solve(problem, Tsit5{}, options, TypeParam{}), {});
          },
          Vector{1.1, 0.8, 1.7});
    };
    EXPECT_THROW(run({.abstol = list}), std::invalid_argument);
    EXPECT_THROW(run({.reltol = list}), std::invalid_argument);
  }
}

TYPED_TEST_P(ContinuousAdjointContract, RefusesTolerancesThatNoSolveCouldHonor) {
  using Fixture = ContinuousAdjointContract<TypeParam>;
  const auto message_for = [](const TypeParam& sensitivity) -> std::string {
    try {
      gradient(Fixture::template loss_of<2, 3>(Fixture::cases().front(), 1e-4, sensitivity), Fixture::point);
    } catch (const std::invalid_argument& error) {
      return error.what();
    }
    return "accepted";
  };
  const auto with = [](auto set) {
    TypeParam sensitivity{};
    set(sensitivity);
    return sensitivity;
  };
  const double nan = std::numeric_limits<double>::quiet_NaN();
  EXPECT_NE(message_for(with([](auto& s) { s.abstol = -1e-6; })).find("abstol"), std::string::npos);
  EXPECT_NE(message_for(with([&](auto& s) { s.reltol = nan; })).find("reltol"), std::string::npos);
  EXPECT_NE(message_for(with([](auto& s) { s.abstol = s.reltol = 0.0; })).find("abstol"), std::string::npos);
  if constexpr (requires(TypeParam s) { s.quadrature_abstol; }) {
    EXPECT_NE(message_for(with([](auto& s) { s.quadrature_abstol = -1.0; })).find("quadrature_abstol"),
              std::string::npos);
    EXPECT_NE(message_for(with([](auto& s) { s.quadrature_reltol = -1.0; })).find("quadrature_reltol"),
              std::string::npos);
  }
  if constexpr (requires(TypeParam s) { s.checkpoints; }) {
    EXPECT_NE(message_for(with([](auto& s) { s.checkpoints = 0; })).find("checkpoints"), std::string::npos);
  }
}

TYPED_TEST_P(ContinuousAdjointContract, GivesTheSameBitsForEveryNumberOfCheckpoints) {
  using Fixture = ContinuousAdjointContract<TypeParam>;
  if constexpr (requires(TypeParam s) { s.checkpoints; }) {
    for (const auto& c : Fixture::cases()) {
      SCOPED_TRACE(c.name);
      const auto with = [&](std::optional<std::size_t> count) {
        TypeParam sensitivity{};
        sensitivity.checkpoints = count;
        return gradient(Fixture::template loss_of<2, 3>(c, 1e-9, sensitivity), Fixture::point);
      };
      const auto all = with({});
      for (const std::size_t count : {1, 2, 3, 7, 1000}) {
        const auto some = with(count);
        for (std::size_t i = 0; i < all.size(); ++i) EXPECT_EQ(some[i], all[i]) << count << " checkpoints";
      }
    }
  } else {
    GTEST_SKIP() << "keeps no checkpoints";
  }
}

REGISTER_TYPED_TEST_SUITE_P(ContinuousAdjointContract, ApproachesTheDiscreteGradientWithTheTolerance,
                            AgreesForSizesKnownAtRunTime, ScalesWithTheLoss,
                            GivesZeroWhereTheLossReadsNothingThatMoves, DifferentiatesByPartOfTheInputs,
                            KeepsTheOrderAcrossADeclaredJumpOfTheRightHandSide, WorksWithFixedSteps,
                            DifferentiatesByTheEndsOfTheSpan, GivesSecondDerivatives, SolvesInFloat,
                            TakesTheUsersOwnDerivative, SaysWhenTheBackwardSolveFails,
                            GivesNaNForACotangentThatIsNaN, RefusesListsOfTolerancesThatDoNotFit,
                            RefusesTolerancesThatNoSolveCouldHonor,
                            GivesTheSameBitsForEveryNumberOfCheckpoints);

}  // namespace costate
