#pragma once

#include <costate/ad/var.hpp>
#include <costate/core/errors.hpp>
#include <costate/core/instruction_namespace.hpp>
#include <costate/core/vector.hpp>

#include <concepts>
#include <cstddef>
#include <string>
#include <tuple>
#include <type_traits>
#include <vector>

namespace costate {

namespace detail::inline COSTATE_INSTRUCTIONS {

template <class Part>
std::size_t part_size(const Part& part) {
  if constexpr (std::integral<Part>) {
    if constexpr (std::signed_integral<Part>) {
      if (part < 0) reject("split: part", "a count >= 0", static_cast<double>(part));
    }
    return static_cast<std::size_t>(part);
  } else {
    return part.parameter_count();
  }
}

template <class T, std::size_t N>
VectorView<const std::remove_const_t<T>> window(const VectorView<T, N>& p, std::size_t from,
                                                std::size_t size) {
  return {p.data() + from, size};
}
template <class T, std::size_t N>
VectorView<const T> window(const Vector<T, N>& p, std::size_t from, std::size_t size) {
  return {p.data() + from, size};
}
template <class T>
VectorView<const T> window(const std::vector<T>& p, std::size_t from, std::size_t size) {
  return {p.data() + from, size};
}
template <class T, std::size_t N>
LeafView<T> window(const LeafView<T, N>& p, std::size_t from, std::size_t size) {
  return {p.values() + from, p.first() + static_cast<std::int32_t>(from), p.tape(), size};
}

template <class V>
inline constexpr bool owns_numbers = false;
template <class T, std::size_t N>
inline constexpr bool owns_numbers<Vector<T, N>> = true;
template <class T>
inline constexpr bool owns_numbers<std::vector<T>> = true;

}  // namespace detail::inline COSTATE_INSTRUCTIONS

inline namespace COSTATE_INSTRUCTIONS {

/// Consecutive views on a flat parameter vector, one per part: a count, or a layer, which stands for its
/// number of parameters.
///
///     const auto [weights, linear] = split(p, net, 2);
///
/// The parts must use up p exactly. The views last as long as p, so a temporary vector is refused when
/// compiling.
template <class V, class... Parts>
auto split(const V& p, const Parts&... parts) {
  std::size_t total = 0;
  ((total += detail::part_size(parts)), ...);
  if (total != p.size())
    detail::reject("split: the sizes of the parts", "a sum of " + std::to_string(p.size()),
                   std::to_string(total));
  std::size_t from = 0;
  const auto next = [&](std::size_t size) {
    const auto view = detail::window(p, from, size);
    from += size;
    return view;
  };
  return std::tuple{next(detail::part_size(parts))...};
}
template <class V, class... Parts>
requires(!std::is_lvalue_reference_v<V> &&
         detail::owns_numbers<std::remove_cvref_t<V>>) void split(V&& temporary,
                                                                  const Parts&... parts) = delete;

}  // namespace COSTATE_INSTRUCTIONS

namespace detail::inline COSTATE_INSTRUCTIONS {
template <class V>
concept Sized = requires(const V& v) {
  v.size();
};
template <class V>
auto joined_value(const V& x) {
  return x[0];
}
template <class... V>
auto join(const V&... parts) {
  using S = common_scalar_t<decltype(joined_value(parts))...>;
  std::size_t total = 0;
  ((total += parts.size()), ...);
  Vector<S> result(total);
  std::size_t k = 0;
  const auto append = [&](const auto& part) {
    for (std::size_t i = 0; i < part.size(); ++i) result[k++] = static_cast<S>(part[i]);
  };
  (append(parts), ...);
  return result;
}
}  // namespace detail::inline COSTATE_INSTRUCTIONS

inline namespace COSTATE_INSTRUCTIONS {

/// One flat vector of all the numbers of the parts, in order. Braces may stand for the first or the last of
/// two parts.
template <class... V>
requires(detail::Sized<V>&&...) auto concatenate(const V&... parts) {
  return detail::join(parts...);
}
template <class V, class T, std::size_t N>
auto concatenate(const V& first, const T (&last)[N]) {
  return detail::join(first, VectorView<const T, N>(last));
}
template <class T, std::size_t N, class V>
auto concatenate(const T (&first)[N], const V& last) {
  return detail::join(VectorView<const T, N>(first), last);
}

}  // namespace COSTATE_INSTRUCTIONS

}  // namespace costate
