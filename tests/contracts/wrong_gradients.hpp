#pragma once

#include <costate/ad/gradient.hpp>
#include <costate/methods/tsit5.hpp>
#include <costate/problems/ode_problem.hpp>
#include <costate/sensitivity/backsolve_adjoint.hpp>
#include <costate/sensitivity/discrete_adjoint.hpp>
#include <costate/sensitivity/forward_sensitivity.hpp>
#include <costate/sensitivity/gauss_adjoint.hpp>
#include <costate/sensitivity/gauss_kronrod_adjoint.hpp>
#include <costate/sensitivity/interpolating_adjoint.hpp>
#include <costate/sensitivity/quadrature_adjoint.hpp>
#include <costate/solve/solve.hpp>

#include <cmath>
#include <contracts/random_reads.hpp>
#include <cstddef>
#include <gtest/gtest.h>
#include <string>
#include <vector>

namespace costate {

/// Wrong gradients that other libraries once returned without a word, as tests named after what went wrong.
/// They are told apart from right ones by closed forms, so the equations are few; one right-hand side with a
/// switch keeps it at one instantiation a sensitivity.
enum class Kind {
  logistic,     ///< uᵢ' = pᵢ uᵢ (1 − uᵢ)
  driven,       ///< uᵢ' = cos(pᵢ t)
  staircase,    ///< u' = p_k u for k ≤ t < k + 1
  root,         ///< u' = p √t, not defined before 0
  square,       ///< uᵢ' = −uᵢ², without parameters
  interpolant,  ///< u' = −p₀ u + p₁ r(t), r a solution of another equation
  forced,       ///< u' = p cos(20 t)
  reaction      ///< u₀' = 2 − p₀ u₀, u₁' = u₀ − p₁ u₁, u₂' = 0, p₂ unused
};

struct Equation {
  Kind kind = Kind::logistic;
  const detail::StoredSolution<double, dynamic>* other = nullptr;

  template <class DU, class U, class P, class Time>
  void operator()(DU& du, const U& u, const P& p, const Time& t) const {
    const std::size_t n = u.size();
    switch (kind) {
      case Kind::logistic:
        for (std::size_t i = 0; i < n; ++i) du[i] = p[i] * u[i] * (1.0 - u[i]);
        return;
      case Kind::driven:
        for (std::size_t i = 0; i < n; ++i) du[i] = costate::cos(p[i] * t);
        return;
      case Kind::staircase:
        du[0] = p[static_cast<std::size_t>(static_cast<double>(plain(t)))] * u[0];
        return;
      case Kind::root:
        du[0] = p[0] * costate::sqrt(t);
        return;
      case Kind::forced:
        du[0] = p[0] * costate::cos(20.0 * t);
        return;
      case Kind::square:
        for (std::size_t i = 0; i < n; ++i) du[i] = -u[i] * u[i];
        return;
      case Kind::interpolant:
        du[0] = p[1] * (*other)(static_cast<double>(plain(t)))[0] - p[0] * u[0];
        return;
      case Kind::reaction:
        du[0] = 2.0 - p[0] * u[0];
        du[1] = u[0] - p[1] * u[1];
        du[2] = 0.0;
        return;
    }
  }
};

/// u and its derivatives by u₀, by p and by t for the logistic equation started at `from`.
struct Logistic {
  double u, by_u0, by_p, by_t;
  Logistic(double u0, double p, double t, double from = 0) {
    const double decay = std::exp(-p * (t - from));
    u = 1 / (1 + (1 / u0 - 1) * decay);
    by_u0 = u * u / (u0 * u0) * decay;
    by_p = (t - from) * u * (1 - u);
    by_t = p * u * (1 - u);
  }
};

/// Every sensitivity that a gradient may be asked of.
using AllSensitivities =
    testing::Types<DiscreteAdjoint, ForwardSensitivity, InterpolatingAdjoint, QuadratureAdjoint, GaussAdjoint,
                   GaussKronrodAdjoint, BacksolveAdjoint>;
struct SensitivityNames {
  template <class S>
  static std::string GetName(int i) {
    constexpr const char* names[] = {"DiscreteAdjoint",   "ForwardSensitivity", "InterpolatingAdjoint",
                                     "QuadratureAdjoint", "GaussAdjoint",       "GaussKronrodAdjoint",
                                     "BacksolveAdjoint"};
    return names[i];
  }
};

template <class Sensitivity>
class WrongGradients : public testing::Test {
 public:
  static SolveOptions tight(SaveAt saveat = {}) {
    return {.abstol = 1e-10, .reltol = 1e-10, .saveat = saveat};
  }
  /// Gradients by u0 and p of loss(solution).
  template <class Loss>
  static auto gradients(const Equation& f, const std::vector<double>& u0, TimeSpan<double> span,
                        const std::vector<double>& p, const SolveOptions& options, const Loss& loss,
                        const Sensitivity& sensitivity = {}) {
    return value_and_gradient(
        [&](const auto& x, const auto& q) {
          return loss(solve(ODEProblem(f, x, span, q), Tsit5{}, options, sensitivity));
        },
        u0, p);
  }
};

}  // namespace costate
