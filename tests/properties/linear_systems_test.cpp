#include <costate/ad/gradient.hpp>
#include <costate/methods/vern7.hpp>
#include <costate/problems/ode_problem.hpp>
#include <costate/sensitivity/discrete_adjoint.hpp>
#include <costate/sensitivity/interpolating_adjoint.hpp>
#include <costate/solve/solve.hpp>

#include <algorithm>
#include <cmath>
#include <contracts/property.hpp>

namespace costate {
namespace {

/// A square matrix by rows.
struct Square {
  std::size_t n;
  std::vector<double> entries;
  explicit Square(std::size_t size) : n(size), entries(size * size, 0.0) {}
  double& operator()(std::size_t i, std::size_t j) { return entries[i * n + j]; }
  double operator()(std::size_t i, std::size_t j) const { return entries[i * n + j]; }
};
Square product(const Square& a, const Square& b) {
  Square c(a.n);
  for (std::size_t i = 0; i < a.n; ++i)
    for (std::size_t k = 0; k < a.n; ++k)
      for (std::size_t j = 0; j < a.n; ++j) c(i, j) += a(i, k) * b(k, j);
  return c;
}
/// exp(A) by scaling to a norm below 1/2, 20 terms of the series, and squaring.
Square exponential(Square a) {
  double norm = 0;
  for (const double x : a.entries) norm += std::abs(x);
  int squarings = 0;
  for (; norm > 0.5; norm /= 2) ++squarings;
  for (double& x : a.entries) x = std::ldexp(x, -squarings);
  Square sum(a.n), term(a.n);
  for (std::size_t i = 0; i < a.n; ++i) sum(i, i) = term(i, i) = 1;
  for (int k = 1; k <= 20; ++k) {
    term = product(term, a);
    for (double& x : term.entries) x /= k;
    for (std::size_t i = 0; i < a.entries.size(); ++i) sum.entries[i] += term.entries[i];
  }
  for (; squarings > 0; --squarings) sum = product(sum, sum);
  return sum;
}

/// u' = A u, p = A by rows
struct Linear {
  template <class DU, class U, class P, class Time>
  void operator()(DU& du, const U& u, const P& p, const Time&) const {
    const std::size_t n = u.size();
    for (std::size_t i = 0; i < n; ++i) {
      du[i] = p[i * n] * u[0];
      for (std::size_t j = 1; j < n; ++j) du[i] = du[i] + p[i * n + j] * u[j];
    }
  }
};

struct System {
  std::size_t n;
  std::vector<double> a, u0, cotangent;
  double t0, t1;

  Square times_span() const {
    Square m(n);
    for (std::size_t i = 0; i < n * n; ++i) m.entries[i] = a[i] * (t1 - t0);
    return m;
  }
};
System any_system() {
  const auto n = static_cast<std::size_t>(*rc::gen::inRange(1, 7));
  System s{n, *numbers(n * n, -2, 2), *numbers(n, -1, 1), *numbers(n, -1, 1), *number(-2, 2), 0};
  s.t1 = s.t0 + *number(-1.5, 1.5);
  RC_PRE(s.t1 != s.t0);
  return s;
}
// The mesh is chosen for u, and the gradient is that of the solve on it: from u = 0, which every step solves
// exactly, steps would grow too long for derivatives.
const SolveOptions tight{.abstol = 1e-12, .reltol = 1e-12, .dtmax = 0.02};

/// |a − b| as a part of what 12 digits of the solve may be off after growing by exp(A (t1 − t0)).
void near(double value, double expected, double scale) {
  if (!(std::abs(value - expected) <= 1e-9 * std::max(1.0, scale)))
    RC_FAIL("got " + std::to_string(value) + ", expected " + std::to_string(expected) + ", off by " +
            std::to_string((value - expected) / std::max(1.0, scale) * 1e9) + "e-9");
}
double norm_of(const Square& m) {
  double norm = 0;
  for (const double x : m.entries) norm += std::abs(x);
  return norm;
}

template <class Sensitivity>
auto gradients(const System& s, const Sensitivity& sensitivity) {
  return gradient(
      [&](const auto& x, const auto& p) {
        const auto solution = solve(ODEProblem(Linear{}, x, {s.t0, s.t1}, p), Vern7{}, tight, sensitivity);
        auto total = s.cotangent[0] * solution.back()[0];
        for (std::size_t i = 1; i < s.n; ++i) total += s.cotangent[i] * solution.back()[i];
        return total;
      },
      s.u0, s.a);
}
template <class Gradients>
void are_those_of_the_exponential(const System& s, const Gradients& gradients) {
  const auto& [by_u0, by_a] = gradients;
  const Square e = exponential(s.times_span());
  for (std::size_t j = 0; j < s.n; ++j) {
    double expected = 0;
    for (std::size_t i = 0; i < s.n; ++i) expected += e(i, j) * s.cotangent[i];
    near(by_u0[j], expected, norm_of(e));
  }
  // d exp(T A) in the direction of one entry: a block of exp(T (A, E; 0, A))
  const auto entry = static_cast<std::size_t>(*rc::gen::inRange(0, static_cast<int>(s.n * s.n)));
  Square block(2 * s.n);
  const Square a = s.times_span();
  for (std::size_t i = 0; i < s.n; ++i)
    for (std::size_t j = 0; j < s.n; ++j) block(i, j) = block(s.n + i, s.n + j) = a(i, j);
  block(entry / s.n, s.n + entry % s.n) = s.t1 - s.t0;
  const Square both = exponential(block);
  double expected = 0;
  for (std::size_t i = 0; i < s.n; ++i)
    for (std::size_t j = 0; j < s.n; ++j) expected += s.cotangent[i] * both(i, s.n + j) * s.u0[j];
  near(by_a[entry], expected, norm_of(both));
}

}  // namespace

RC_GTEST_PROP(LinearSystem, IsSolvedByTheMatrixExponential, ()) {
  const System s = any_system();
  const auto solution = solve(ODEProblem(Linear{}, s.u0, {s.t0, s.t1}, s.a), Vern7{}, tight);
  RC_ASSERT(solution.successful());
  const Square e = exponential(s.times_span());
  for (std::size_t i = 0; i < s.n; ++i) {
    double expected = 0;
    for (std::size_t j = 0; j < s.n; ++j) expected += e(i, j) * s.u0[j];
    near(solution.back()[i], expected, norm_of(e));
  }
}

// dL/du0 = exp(A T)ᵀ g, dL/dA by the derivative of the exponential
RC_GTEST_PROP(LinearSystem, HasTheGradientOfTheMatrixExponentialByTheDiscreteAdjoint, ()) {
  const System s = any_system();
  are_those_of_the_exponential(s, gradients(s, DiscreteAdjoint{}));
}

RC_GTEST_PROP(LinearSystem, HasTheGradientOfTheMatrixExponentialByTheInterpolatingAdjoint, ()) {
  const System s = any_system();
  are_those_of_the_exponential(s, gradients(s, InterpolatingAdjoint{}));
}

}  // namespace costate
