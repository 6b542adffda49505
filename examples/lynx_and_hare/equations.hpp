#pragma once

#include <costate/costate.hpp>

#include <cstddef>

namespace lynx_and_hare {

// All equations here are x' = a x + N₁(x, y), y' = −b y + N₂(x, y) for the logarithms u = (ln x, ln y), so
// that no population can become negative: u₁' = a + N₁/x, u₂' = −b + N₂/y. They differ in `per_head`, which
// is (N₁/x, N₂/y).
//
// Parameters: ln a, ln b, then what the interaction brings.

/// N₁ = −β x y, N₂ = δ x y. Parameters: ln β, ln δ.
struct LotkaVolterra {
  static std::size_t parameter_count() { return 2; }

  template <class U, class P>
  auto per_head(const U& u, const P& p) const {
    return costate::Vector{-costate::exp(p[0] + u[1]), costate::exp(p[1] + u[0])};
  }
};

/// N₁ = −x y (β + n₁(ln x, ln y)), N₂ = x y (δ + n₂(ln x, ln y)): the rate per encounter becomes a function.
/// There is no interaction where one of the two is missing, and n = 0 is Lotka–Volterra. Parameters: ln β, ln
/// δ, weights.
struct CorrectedInteraction {
  static constexpr costate::Dense<8, 2> last{};
  static constexpr costate::Chain net{costate::Dense<2, 8, costate::activation::tanh>{}, last};

  static std::size_t parameter_count() { return 2 + net.parameter_count(); }

  // [corrected]
  template <class U, class P>
  auto per_head(const U& u, const P& p) const {
    const auto [rates, weights] = costate::split(p, 2, net);
    const auto n = net(u, weights);
    return costate::Vector{-costate::exp(u[1]) * (costate::exp(rates[0]) + n[0]),
                           costate::exp(u[0]) * (costate::exp(rates[1]) + n[1])};
  }
  // [/corrected]

  /// Weights to start from: the last layer is small, so that the equation starts close to Lotka–Volterra.
  static costate::Vector<double> initial_weights(std::uint64_t seed) {
    auto weights = net.initial_parameters<double>(seed);
    for (std::size_t i = weights.size() - last.parameter_count(); i < weights.size(); ++i) weights[i] *= 0.1;
    return weights;
  }
};

/// N₁ = x n₁(ln x, ln y), N₂ = y n₂(ln x, ln y): nothing is known of the interaction. Parameters: weights.
struct UnknownInteraction {
  static constexpr costate::Chain net{costate::Dense<2, 8, costate::activation::tanh>{},
                                      costate::Dense<8, 8, costate::activation::tanh>{},
                                      costate::Dense<8, 2>{}};

  static std::size_t parameter_count() { return net.parameter_count(); }

  template <class U, class P>
  auto per_head(const U& u, const P& p) const {
    return net(u, p);
  }
};

/// The right-hand side with that interaction.
// [equation]
template <class Interaction>
auto right_hand_side(const Interaction& interaction) {
  return [interaction](auto& du, const auto& u, const auto& p, auto /*t*/) {
    const auto [rates, rest] = costate::split(p, 2, Interaction::parameter_count());
    const auto n = interaction.per_head(u, rest);
    du[0] = costate::exp(rates[0]) + n[0];
    du[1] = n[1] - costate::exp(rates[1]);
  };
}
// [/equation]

/// What is trained is theta: the state u in 1900, then the parameters. The solution is saved at the times
/// given, in years from 1900.
template <class Interaction, class Theta>
auto solution_of(const Interaction& interaction, const Theta& theta, const std::vector<double>& times) {
  const auto [start, p] = costate::split(theta, 2, theta.size() - 2);
  const costate::Vector u0{
      start[0], start[1]};  // two numbers known when compiling: steps that hold their state in registers
  const costate::ODEProblem problem(right_hand_side(interaction), u0, {0.0, times.back()}, p);
  return costate::solve(problem, costate::Tsit5{},
                        {.abstol = 1e-7, .reltol = 1e-7, .saveat = times, .dense = false});
}

}  // namespace lynx_and_hare
