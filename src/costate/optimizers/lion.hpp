#pragma once

#include <costate/optimizers/detail/running_vectors.hpp>
#include <costate/optimizers/schedule.hpp>

#include <cstddef>
#include <span>

namespace costate {

/// Steps of exactly one learning rate in every component, along the sign of a mean of the gradients.
///
///     c = β₁ m + (1 − β₁) g,   x ← x − α (sign c + λ x),   m ← β₂ m + (1 − β₂) g
///
/// It needs rates 3 to 10 times smaller than Adam, and a schedule that falls to 0: at a minimum it jumps to
/// and fro by α. X. Chen et al., arXiv:2302.06675, Algorithm 2.
struct Lion {
  Schedule learning_rate = 1e-4;  ///< α > 0
  double beta1 = 0.9;             ///< weight of m in the direction, in [0, 1)
  double beta2 = 0.99;            ///< decay of m, in [0, 1)
  Schedule weight_decay = 0;      ///< λ >= 0

  static constexpr const char* name = "Lion";

  template <class T>
  using State = detail::RunningVectors<T, 1>;

  /// Throws std::invalid_argument where a field is out of its range.
  template <class T>
  State<T> init(std::size_t size) const;

  template <class T>
  void update(State<T>& state, std::span<const T> gradient, std::span<T> x) const;
};

}  // namespace costate
