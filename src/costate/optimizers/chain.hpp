#pragma once

#include <costate/optimizers/objective.hpp>
#include <costate/optimizers/update_rule.hpp>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <span>
#include <string_view>
#include <tuple>
#include <utility>
#include <vector>

namespace costate {

namespace detail {

/// "chain(clip_by_norm, AdamW)"
template <class... Parts>
struct ChainName {
  static constexpr auto text = [] {
    constexpr std::size_t size =
        (std::string_view("chain()").size() + ... + std::string_view(Parts::name).size());
    std::array<char, size + 2 * (sizeof...(Parts) - 1) + 1> joined{};
    std::size_t end = 0;
    const auto append = [&](std::string_view piece) {
      for (const char c : piece) joined[end++] = c;
    };
    append("chain(");
    std::size_t k = 0;
    ((append(k++ == 0 ? "" : ", "), append(Parts::name)), ...);
    append(")");
    return joined;
  }();
};

template <class Parts, class Indices>
inline constexpr bool transform_all_but_last = false;
template <class Parts, std::size_t... k>
inline constexpr bool transform_all_but_last<Parts, std::index_sequence<k...>> =
    (GradientTransformation<std::tuple_element_t<k, Parts>, double> && ...);

}  // namespace detail

/// An update rule whose gradient passes through transformations first; made by `chain`.
template <class... Parts>
struct RuleChain {
  std::tuple<Parts...> parts;

  static constexpr const char* name = detail::ChainName<Parts...>::text.data();

  template <class T>
  struct State {
    std::tuple<typename Parts::template State<T>...> parts;
    std::vector<T> gradient;  ///< scratch

    auto fields() {
      return std::apply([](auto&... each) { return std::tie(each...); }, parts);
    }
  };

  /// Throws std::invalid_argument where a field of a part is out of its range.
  template <class T>
  State<T> init(std::size_t size) const {
    using States = std::tuple<typename Parts::template State<T>...>;
    const auto each = [&](const auto&... part) { return States(part.template init<T>(size)...); };
    return {std::apply(each, parts), std::vector<T>(size)};
  }

  template <class T>
  void update(State<T>& state, std::span<const T> gradient, std::span<T> x) const {
    if (!std::isfinite(detail::max_norm(gradient))) return;
    std::copy(gradient.begin(), gradient.end(), state.gradient.begin());
    constexpr std::size_t last = sizeof...(Parts) - 1;
    const bool ready = [&]<std::size_t... k>(std::index_sequence<k...>) {
      return (std::get<k>(parts).transform(std::get<k>(state.parts), std::span<T>(state.gradient),
                                           std::span<const T>(x)) &&
              ...);
    }
    (std::make_index_sequence<last>());
    if (ready)
      std::get<last>(parts).update(std::get<last>(state.parts), std::span<const T>(state.gradient), x);
  }
};

/// An update rule out of parts: transformations of the gradient in the order in which they act, a rule last.
///
///     chain(clip_by_norm(1.0), AdamW{.learning_rate = cosine_schedule(2e-2, 2000)})
///
/// Each part keeps its own count of updates, which its schedules go by.
template <class... Parts>
RuleChain<Parts...> chain(const Parts&... parts) {
  static_assert(sizeof...(Parts) > 0, "costate::chain: wants an update rule");
  constexpr std::size_t last = sizeof...(Parts) - 1;
  static_assert(UpdateRule<std::tuple_element_t<last, std::tuple<Parts...>>, double>,
                "costate::chain: the last part must be an update rule, such as Adam or SGD");
  static_assert(
      detail::transform_all_but_last<std::tuple<Parts...>, std::make_index_sequence<last>>,
      "costate::chain: every part before the last must be a transformation of the gradient, such as "
      "clip_by_norm");
  return {{parts...}};
}

}  // namespace costate
