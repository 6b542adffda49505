#pragma once

#include <costate/training/train_loop.hpp>

#include <cstddef>
#include <gtest/gtest.h>
#include <span>
#include <tuple>
#include <utility>
#include <vector>

namespace costate {

/// Writes the fields of a state over those of another, as a run does that is resumed.
template <class Part>
void copy_fields(Part& from, Part& to) {
  if constexpr (requires { from.fields(); }) {
    auto source = from.fields();
    auto target = to.fields();
    [&]<std::size_t... k>(std::index_sequence<k...>) {
      (copy_fields(std::get<k>(source), std::get<k>(target)), ...);
    }
    (std::make_index_sequence<std::tuple_size_v<decltype(source)>>());
  } else {
    to = from;
  }
}

template <class T, class Optimizer>
void advance(const Optimizer& optimizer, typename Optimizer::template State<T>& state,
             const Objective<T>& objective, Iterate<T>& at) {
  for (int k = 0; k < 9; ++k) {
    if constexpr (IterativeOptimizer<Optimizer, T>) {
      optimizer.iterate(state, objective, at);
    } else {
      optimizer.update(state, std::span<const T>(at.gradient), std::span<T>(at.x));
      at.loss = objective.value_and_gradient(at.x, at.gradient);
    }
  }
}

/// Runs on with the state, with one that was given its fields, and with a fresh one, which must make a
/// difference.
template <class T, class Optimizer, class Loss>
void expect_fields_to_carry_on(const Optimizer& optimizer, const Loss& loss, const std::vector<T>& start,
                               bool has_memory) {
  std::vector<T> scratch(start.size());
  const auto value = [&](std::span<const T> x) { return loss(x, std::span<T>(scratch)); };
  const Objective<T> objective{loss, value};
  Iterate<T> here(start.size());
  here.x = start;
  here.loss = objective.value_and_gradient(here.x, here.gradient);
  auto state = optimizer.template init<T>(start.size());
  advance(optimizer, state, objective, here);

  Iterate<T> unbroken = here, resumed = here, begun_anew = here;
  auto copy = optimizer.template init<T>(start.size()), fresh = copy;
  copy_fields(state, copy);
  advance(optimizer, state, objective, unbroken);
  advance(optimizer, copy, objective, resumed);
  advance(optimizer, fresh, objective, begun_anew);
  EXPECT_EQ(resumed.x, unbroken.x);
  if (has_memory) {
    EXPECT_NE(begun_anew.x, unbroken.x) << "the state says nothing, so this tests nothing";
  }
}

}  // namespace costate
