#include <costate/ad/gradient.hpp>
#include <costate/methods/tsit5.hpp>
#include <costate/problems/ode_problem.hpp>
#include <costate/sensitivity/backsolve_adjoint.hpp>
#include <costate/sensitivity/discrete_adjoint.hpp>
#include <costate/sensitivity/gauss_adjoint.hpp>
#include <costate/sensitivity/gauss_kronrod_adjoint.hpp>
#include <costate/sensitivity/interpolating_adjoint.hpp>
#include <costate/sensitivity/quadrature_adjoint.hpp>
#include <costate/solve/solve.hpp>

#include <algorithm>
#include <cmath>
#include <contracts/erased_function.hpp>
#include <contracts/random_reads.hpp>
#include <cstddef>
#include <cstdlib>
#include <cxxabi.h>
#include <gtest/gtest.h>
#include <model_problems/all.hpp>
#include <string>
#include <tuple>
#include <type_traits>
#include <typeinfo>
#include <utility>
#include <vector>

namespace costate {
namespace {

struct Case {
  std::string name;
  ErasedFunction f;
  Vector<double> u0, p;
  TimeSpan<double> span;
};

/// Value and gradient by (u0, p) of random reads at twelve times and between them.
template <class Sensitivity>
auto gradient_of(const Case& c, double tolerance, const Sensitivity& sensitivity) {
  const auto loss = [&](const auto& u0, const auto& p) {
    const double length = c.span.end - c.span.start;
    std::vector<double> saved, reads;
    for (const double x : {0.02, 0.1, 0.11, 0.3, 0.47, 0.5, 0.77, 0.8, 0.96, 1.0})
      saved.push_back(x == 1.0 ? c.span.end : c.span.start + x * length);
    for (const double x : {0.25, 0.9}) reads.push_back(c.span.start + x * length);
    return random_reads(solve(ODEProblem(c.f, u0, c.span, p), Tsit5{},
                              {.abstol = tolerance, .reltol = tolerance, .saveat = saved}, sensitivity),
                        reads);
  };
  return value_and_gradient(loss, c.u0, c.p);
}

/// max over u0 and p of the largest difference over the largest entry.
template <class A, class B>
double difference(const A& a, const B& b) {
  double result = relative_difference(std::get<1>(a), std::get<1>(b));
  double scale = 0;
  for (const double g : std::get<2>(b)) scale = std::fmax(scale, std::abs(g));
  if (scale > 0) result = std::fmax(result, relative_difference(std::get<2>(a), std::get<2>(b)));
  return result;
}

template <class M>
void add_cases(std::vector<Case>& cases) {
  int status = 0;
  char* const demangled = abi::__cxa_demangle(typeid(M).name(), nullptr, nullptr, &status);
  const std::string name = demangled;
  std::free(demangled);
  const double t0 = M::tspan.start, t1 = M::tspan.end;
  const Vector<double> u0(M::u0), p(M::p);
  cases.push_back({name, erased_function(M::f), u0, p, {t0, t1}});
  // backwards over a part that a decay at rate 10 grows through by no more than 1e4
  const double part = t0 + std::min(1.0, (t1 - t0) / 20);
  const auto there = solve(ODEProblem(erased_function(M::f), u0, TimeSpan<double>{t0, part}, p), Tsit5{},
                           {.abstol = 1e-12, .reltol = 1e-12, .save_everystep = false});
  cases.push_back({name + " backwards", erased_function(M::f), there.back(), p, {part, t0}});
}

const std::vector<Case>& all_cases() {
  static const std::vector<Case> cases = [] {
    std::vector<Case> result;
    std::apply([&](const auto&... m) { (add_cases<std::remove_cvref_t<decltype(m)>>(result), ...); },
               model_problems::AllModelProblems{});
    return result;
  }();
  return cases;
}

/// The gradient at 1e-3 of the tolerance, and how far the discrete one is from it: that far two gradients of
/// the same order of accuracy may be apart, whatever the equation makes of an early error.
struct Measured {
  Case c;
  double tolerance, discrete;
  ValueAndGradient<double, Vector<double>, Vector<double>> tight;
};
const std::vector<Measured>& measured() {
  static const std::vector<Measured> all = [] {
    std::vector<Measured> result;
    for (const Case& c : all_cases())
      for (const double tolerance : {1e-5, 1e-8}) {
        auto tight = gradient_of(c, 1e-3 * tolerance, DiscreteAdjoint{});
        EXPECT_EQ(tight.status(), Status::success) << c.name;
        const double discrete = difference(gradient_of(c, tolerance, DiscreteAdjoint{}), tight);
        EXPECT_LT(discrete, 1.0) << c.name;
        result.push_back({c, tolerance, discrete, std::move(tight)});
      }
    return result;
  }();
  return all;
}

template <class Sensitivity>
class Agreement : public testing::Test {};
using Sensitivities =
    testing::Types<InterpolatingAdjoint, QuadratureAdjoint, GaussAdjoint, GaussKronrodAdjoint>;
TYPED_TEST_SUITE(Agreement, Sensitivities);

}  // namespace

TYPED_TEST(Agreement, OnEveryModelProblemInBothDirectionsOfTime) {
  EXPECT_GE(measured().size(), 4 * 30u);
  for (const Measured& m : measured()) {
    const auto got = gradient_of(m.c, m.tolerance, TypeParam{});
    EXPECT_EQ(got.status(), Status::success) << m.c.name << " at " << m.tolerance;
    EXPECT_LT(difference(got, m.tight), 20 * std::fmax(m.tolerance, m.discrete))
        << m.c.name << " at " << m.tolerance;
  }
}

TEST(BacksolveAdjoint, AgreesOrRefuses) {
  std::size_t refused = 0, given = 0;
  for (const bool checkpointing : {true, false})
    for (const Measured& m : measured()) {
      const auto got = gradient_of(m.c, m.tolerance, BacksolveAdjoint{.checkpointing = checkpointing});
      if (got.status() != Status::success) {
        EXPECT_EQ(got.status(), Status::adjoint_failed);
        ++refused;
        continue;
      }
      ++given;
      // what it does not refuse may have lost half of the digits, no more
      EXPECT_LT(difference(got, m.tight), 20 * std::fmax(std::sqrt(m.tolerance), m.discrete))
          << m.c.name << " at " << m.tolerance;
    }
  EXPECT_GT(refused, 10u);
  EXPECT_GT(given, refused);
}

}  // namespace costate
