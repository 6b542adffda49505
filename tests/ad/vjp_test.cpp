#include <costate/ad/gradient.hpp>
#include <costate/ad/vjp.hpp>
#include <costate/methods/tsit5.hpp>
#include <costate/problems/ode_problem.hpp>
#include <costate/sensitivity/discrete_adjoint.hpp>
#include <costate/solve/solve.hpp>

#include <contracts/random_reads.hpp>
#include <gtest/gtest.h>
#include <string_view>
#include <utility>
#include <vector>

namespace costate {
namespace {

const SolveOptions options{.abstol = 1e-7, .reltol = 1e-7, .saveat = 0.2};

// the equation of DrivenPredatorPrey on bare doubles, as a library of somebody else would have it
void on_doubles(VectorView<double, 2> du, VectorView<const double, 2> u, VectorView<const double, 3> p,
                double t) {
  DrivenPredatorPrey{}(du, u, p, t);
}
const auto its_vjp = [](auto& ubar, auto& pbar, const auto& lambda, const auto& u, const auto& p, double t) {
  const double decay = std::exp(-0.2 * t), product = u[0] * u[1];
  ubar[0] += lambda[0] * (p[0] - p[1] * u[1]) + lambda[1] * p[1] * u[1] * decay;
  ubar[1] += -lambda[0] * p[1] * u[0] + lambda[1] * (p[1] * u[0] * decay - 1);
  pbar[0] += lambda[0] * u[0];
  pbar[1] += -lambda[0] * product + lambda[1] * product * decay;
  pbar[2] += lambda[0] * 0.3 * t * std::cos(p[2] * t);
};
const auto its_jacobian = [](auto& j, const auto& u, const auto& p, double t) {
  const double decay = std::exp(-0.2 * t);
  j(0, 0) = p[0] - p[1] * u[1];
  j(0, 1) = -p[1] * u[0];
  j(1, 0) = p[1] * u[1] * decay;
  j(1, 1) = p[1] * u[0] * decay - 1;
};

struct Gradients {
  Vector<double> by_u0, by_p;
  std::string_view route;
};

template <std::size_t N, std::size_t M, class F>
Gradients gradients_of(const F& f) {
  std::string_view route;
  const auto u0 = [] {
    auto x = detail::zeros<double, N>(2);
    x[0] = 0.9, x[1] = 1.2;
    return x;
  }();
  const auto p = [] {
    auto x = detail::zeros<double, M>(3);
    x[0] = 1.1, x[1] = 0.8, x[2] = 1.7;
    return x;
  }();
  const auto [by_u0, by_p] = gradient(
      [&](const auto& x, const auto& q) {
        const auto solution = solve(ODEProblem(f, x, {0.0, 2.0}, q), Tsit5{}, options);
        route = solution.statistics().vjp_route;
        return random_reads(solution, {0.33});
      },
      u0, p);
  return {Vector<double>(by_u0), Vector<double>(by_p), route};
}

void expect_same(const Gradients& a, const Gradients& b) {
  EXPECT_LT(relative_difference(a.by_u0, b.by_u0), 1e-13);
  EXPECT_LT(relative_difference(a.by_p, b.by_p), 1e-13);
}

}  // namespace

TEST(Vjp, IsTheSameByDualNumbersAndByTheTape) {
  const auto duals = gradients_of<2, 3>(DrivenPredatorPrey{});
  EXPECT_EQ(duals.route, "dual numbers");
  const auto sizes_at_run_time = gradients_of<dynamic, dynamic>(DrivenPredatorPrey{});
  EXPECT_EQ(sizes_at_run_time.route, "dual numbers");
  expect_same(duals, sizes_at_run_time);
  const auto tape = gradients_of<2, dynamic>(DrivenPredatorPrey{});
  EXPECT_EQ(tape.route, "tape");
  expect_same(duals, tape);
}

TEST(Vjp, OfAnOutOfPlaceFunctionIsTheSame) {
  const auto f = [](const auto& u, const auto& p, const auto& t) {
    return Vector{p[0] * u[0] - p[1] * u[0] * u[1] + 0.3 * costate::sin(p[2] * t),
                  -u[1] + p[1] * u[0] * u[1] * costate::exp(-0.2 * t)};
  };
  expect_same(gradients_of<2, 3>(f), gradients_of<2, 3>(DrivenPredatorPrey{}));
  expect_same(gradients_of<dynamic, dynamic>(f), gradients_of<2, 3>(DrivenPredatorPrey{}));
}

TEST(Vjp, OfTheUserServesAFunctionThatIsNotGeneric) {
  const auto given = gradients_of<2, 3>(ODEFunction{on_doubles}.with_vjp(its_vjp));
  EXPECT_EQ(given.route, "with_vjp");
  expect_same(given, gradients_of<2, 3>(DrivenPredatorPrey{}));
  // it is what is used, also where the function could be differentiated without it
  const auto nothing = [](auto&, auto&, const auto&, const auto&, const auto&, double) {};
  const auto trusted = gradients_of<2, 3>(ODEFunction(DrivenPredatorPrey{}).with_vjp(nothing));
  EXPECT_EQ(trusted.by_p[0], 0);
}

TEST(Vjp, OfTheUserIsPulledBackByCheckpointsToo) {
  const auto by_p = [](DiscreteAdjoint sensitivity) {
    return gradient(
        [&](const auto& p) {
          const ODEProblem problem(ODEFunction{on_doubles}.with_vjp(its_vjp), {0.9, 1.2}, {0.0, 2.0}, p);
          return random_reads(solve(problem, Tsit5{}, options, sensitivity), {0.33});
        },
        Vector{1.1, 0.8, 1.7});
  };
  const auto all = by_p({}), some = by_p({.checkpoints = 2});
  for (std::size_t i = 0; i < 3; ++i) EXPECT_EQ(all[i], some[i]);
}

TEST(Jacobian, OfTheUserIsEnoughForAGradientByTheState) {
  std::string_view route;
  const auto by_u0 = [&](const auto& f) {
    return gradient(
        [&](const auto& u0) {
          const auto solution = solve(ODEProblem(f, u0, {0.0, 2.0}, {1.1, 0.8, 1.7}), Tsit5{}, options);
          route = solution.statistics().vjp_route;
          return random_reads(solution, {0.33});
        },
        Vector{0.9, 1.2});
  };
  const auto given = by_u0(ODEFunction{on_doubles}.with_jacobian(its_jacobian));
  EXPECT_EQ(route, "with_jacobian");
  EXPECT_LT(relative_difference(given, by_u0(DrivenPredatorPrey{})), 1e-13);
}

// what du is assigned may be a constant, a variable itself, or the same number twice
TEST(Vjp, OfTheTapeTakesDerivativesThatAreNotComputed) {
  const auto f = [](auto& du, const auto& u, const auto& p, const auto&) {
    du[0] = u[1];
    du[1] = p[0];
    du[2] = 1.0;
    const auto shared = u[0] * p[1];
    du[3] = shared;
    du[4] = shared;
  };
  const auto gradients = [&](auto u0, auto p) {
    return gradient(
        [&](const auto& x, const auto& q) {
          return random_reads(solve(ODEProblem(f, x, {0.0, 1.3}, q), Tsit5{}, options), {});
        },
        u0, p);
  };
  const auto [duals_u0, duals_p] = gradients(Vector{1.0, 2.0, 3.0, 4.0, 5.0}, Vector{0.5, 0.7});
  const auto [tape_u0, tape_p] = gradients(Vector{1.0, 2.0, 3.0, 4.0, 5.0}, std::vector{0.5, 0.7});
  EXPECT_LT(relative_difference(tape_u0, duals_u0), 1e-13);
  EXPECT_LT(relative_difference(tape_p, duals_p), 1e-13);
  EXPECT_EQ(extent_of<decltype(tape_p)>, dynamic);
}

// partials of states and parameters share registers of eight, and change from one to the next anywhere
TEST(Vjp, OfSizesKnownAtRunTimeIsTheSameWhereverARegisterEnds) {
  const auto f = [](auto& du, const auto& u, const auto& p, const auto& t) {
    for (std::size_t i = 0; i < u.size(); ++i) {
      du[i] = -0.1 * u[i] + 0.2 * costate::sin(u[(i + 1) % u.size()] + t);
      for (std::size_t k = i; k < p.size(); k += u.size()) du[i] += p[k] * u[i] * u[(i + k) % u.size()];
    }
  };
  for (const auto& [n, m] :
       {std::pair{1, 0}, {1, 7}, {3, 5}, {7, 2}, {8, 1}, {9, 7}, {2, 14}, {16, 0}, {9, 8}}) {
    std::vector<double> u0(n), p(m);
    for (int i = 0; i < n; ++i) u0[i] = 0.5 + 0.3 * std::sin(2.0 * i);
    for (int k = 0; k < m; ++k) p[k] = 0.2 * std::cos(3.0 * k);
    const auto by = [&](const auto& function, std::string_view route) {
      return gradient(
          [&](const auto& x, const auto& q) {
            const auto solution = solve(ODEProblem(function, x, {0.0, 1.3}, q), Tsit5{}, options);
            EXPECT_EQ(solution.statistics().vjp_route, route);
            return random_reads(solution, {0.33});
          },
          u0, p);
    };
    const auto [by_u0, by_p] = by(f, n + m <= 16 ? "dual numbers" : "tape");
    // the same by the tape, asked for by hand
    const auto vjp = [&](auto& ubar, auto& pbar, const auto& lambda, const auto& u, const auto& q, double t) {
      detail::TapeVjp<decltype(f), double, dynamic, dynamic, double, true> tape(f, q, u.size());
      Vector<double> result(u.size());
      tape.start();
      tape(u.data(), t, lambda.data(), result.data());
      for (std::size_t i = 0; i < u.size(); ++i) ubar[i] += result[i];
      tape.finish(pbar.data());
    };
    const auto [tape_u0, tape_p] = by(ODEFunction(f).with_vjp(vjp), "with_vjp");
    EXPECT_LT(relative_difference(by_u0, tape_u0), 1e-13) << n << ' ' << m;
    if (m > 0) {
      EXPECT_LT(relative_difference(by_p, tape_p), 1e-13) << n << ' ' << m;
    }
  }
}

// du may be left untouched, then it is zero, not what was there before
TEST(Vjp, OfAnEntryThatIsNotWrittenIsZero) {
  const auto f = [](auto& du, const auto& u, const auto& p, const auto&) {
    du[0] = p[0] * u[0];
    du[1] = 0;
  };
  const auto by_p = [&](auto u0) {
    return gradient(
        [&](const auto& p) {
          return solve(ODEProblem(f, u0, {0.0, 1.0}, p), Tsit5{}, {.reltol = 1e-10}).back()[0];
        },
        Vector{0.3})[0];
  };
  EXPECT_NEAR(by_p(Vector{1.0, 1.0}), std::exp(0.3), 1e-6);
  EXPECT_NEAR(by_p(std::vector{1.0, 1.0}), std::exp(0.3), 1e-6);
}

}  // namespace costate
