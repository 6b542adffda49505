#pragma once

#include <costate/optimizers/detail/running_vectors.hpp>
#include <costate/optimizers/objective.hpp>
#include <costate/optimizers/schedule.hpp>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>
#include <span>
#include <string>
#include <string_view>
#include <tuple>

namespace costate::detail {

/// Each throws std::invalid_argument naming `field` where it is out of range.
void check_rate(std::string_view field, const Schedule& rate);       ///< >= 0, not always 0
void check_factor(std::string_view field, const Schedule& factor);   ///< >= 0
void check_momentum(std::string_view field, const Schedule& decay);  ///< in [0, 1)
void check_decay(std::string_view field, double decay);              ///< in [0, 1)
void check_epsilon(std::string_view field, double epsilon);          ///< > 0

/// The fields that Adam and its kin have in common.
template <class Rule>
void check_adam(const Rule& rule) {
  const std::string_view name = Rule::name;
  const auto field = [&](const char* suffix) { return std::string(name).append(suffix); };
  check_rate(field(".learning_rate"), rule.learning_rate);
  check_decay(field(".beta1"), rule.beta1);
  check_decay(field(".beta2"), rule.beta2);
  check_epsilon(field(".epsilon"), rule.epsilon);
}

/// Counts an update; false, without counting, where the gradient is not finite.
template <class State, class T>
bool count_step(State& state, std::span<const T> gradient) {
  if (!std::isfinite(max_norm(gradient))) return false;
  ++state.step;
  return true;
}

/// The rate of the update that was just counted.
template <class T>
T rate_now(const Schedule& schedule, std::uint64_t step) {
  return static_cast<T>(schedule(step - 1));
}

/// A running mean: β old + (1 − β) now.
template <class T>
struct Decay {
  explicit Decay(double beta) : keep(static_cast<T>(beta)), take(static_cast<T>(1 - beta)) {}

  T mean(T old, T now) const { return keep * old + take * now; }
  T mean_square(T old, T now) const { return keep * old + take * now * now; }

  T keep, take;
};

/// 1 − βᵗ, what t steps weigh in a running mean that began at 0; divided by it, the mean is not biased.
inline double weight(double beta, std::uint64_t t) {
  return 1 - std::pow(beta, static_cast<double>(t));
}
inline double unbias(double beta, std::uint64_t t) {
  return 1 / weight(beta, t);
}

/// formula(gᵢ, xᵢ, …) for every component, with those of the running vectors as references.
///
/// Components are cut so that their squares are finite, and those of their differences: a running vector that
/// became infinite would freeze its component for good.
template <class T, std::size_t N, class Formula>
void update_each(RunningVectors<T, N>& state, std::span<const T> gradient, std::span<T> x, Formula formula) {
  const T largest = std::sqrt(std::numeric_limits<T>::max()) / 2;
  const auto each = [&](auto*... running) {
    for (std::size_t i = 0; i < x.size(); ++i) {
      formula(std::min(std::max(gradient[i], -largest), largest), x[i], running[i]...);
    }
  };
  std::apply([&](auto&... running) { each(running.data()...); }, state.running);
}

}  // namespace costate::detail
