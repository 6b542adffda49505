#pragma once

#include <concepts>
#include <cstddef>
#include <span>

namespace costate {

/// A pure update rule: settings as fields, a State, `init`, and `update`, which moves x by the gradient.
///
/// A gradient that is not finite changes neither x nor the state. `State<T>::fields()` ties together all that
/// a run needs to go on with the same bits: numbers, vectors of numbers, and states with fields() again.
template <class R, class T>
concept UpdateRule = requires(const R& rule, typename R::template State<T>& state, std::span<const T> g,
                              std::span<T> x) {
  { rule.template init<T>(std::size_t{}) } -> std::same_as<typename R::template State<T>>;
  rule.update(state, g, x);
};

/// What changes a gradient in place before a rule sees it; false where the rule is to wait for the next one.
/// It has settings and a State with fields() as a rule has.
template <class G, class T>
concept GradientTransformation = requires(const G& part, typename G::template State<T>& state, std::span<T> g,
                                          std::span<const T> x) {
  { part.template init<T>(std::size_t{}) } -> std::same_as<typename G::template State<T>>;
  { part.transform(state, g, x) } -> std::same_as<bool>;
};

}  // namespace costate
