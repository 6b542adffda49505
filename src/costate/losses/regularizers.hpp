#pragma once

#include <costate/core/instruction_namespace.hpp>
#include <costate/losses/reductions.hpp>
#include <costate/losses/robust_errors.hpp>

namespace costate {

inline namespace COSTATE_INSTRUCTIONS {

/// Σ wᵢ |pᵢ| of the parameters: what many of them end at zero for. Its derivative at zero is 0.
template <detail::Numbers P>
auto l1_penalty(const P& p, const Weights& weights = {}) {
  return absolute_error(p, 0, {.weights = weights});
}

/// Σ wᵢ pᵢ² of the parameters: weight decay as a part of the loss.
template <detail::Numbers P>
auto l2_penalty(const P& p, const Weights& weights = {}) {
  return squared_error(p, 0, {.weights = weights});
}

}  // namespace COSTATE_INSTRUCTIONS

}  // namespace costate
