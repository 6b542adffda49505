#pragma once

#include <costate/core/errors.hpp>
#include <costate/core/instruction_namespace.hpp>
#include <costate/core/memory_pool.hpp>
#include <costate/core/scalar.hpp>
#include <costate/core/vector_view.hpp>

#include <algorithm>
#include <cstddef>
#include <initializer_list>
#include <span>
#include <type_traits>
#include <utility>
#include <vector>

namespace costate {

namespace detail {
/// Asks for a vector whose numbers are written before they are read.
struct Unfilled {};
}  // namespace detail

/// N numbers by value, N known at compile time. `Vector{a, b}` deduces the common scalar (integers promote to
/// double).
template <class T, std::size_t N = dynamic>
class Vector {
 public:
  using value_type = T;
  static constexpr std::size_t extent = N;

  constexpr Vector() = default;
  template <class... S>
  requires(sizeof...(S) == N && N > 0 && (Scalar<S> && ...) &&
           (std::is_convertible_v<S, T> && ...)) constexpr Vector(const S&... values)
      : data_{static_cast<T>(values)...} {}
  template <VectorLike V>
  requires(!std::is_same_v<std::remove_cvref_t<V>, Vector> &&
           (extent_of<V> == N ||
            extent_of<V> == dynamic)) constexpr explicit(!std::is_same_v<scalar_of<V>, T>)
      Vector(const V& other) {
    if (other.size() != N) detail::reject_size("Vector", N, other.size());
    for (std::size_t i = 0; i < N; ++i) data_[i] = static_cast<T>(other[i]);
  }
  constexpr explicit Vector(std::span<const T> values) {
    if (values.size() != N) detail::reject_size("Vector", N, values.size());
    for (std::size_t i = 0; i < N; ++i) data_[i] = values[i];
  }

  static constexpr std::size_t size() { return N; }
  constexpr T& operator[](std::size_t i) { return data_[i]; }
  constexpr const T& operator[](std::size_t i) const { return data_[i]; }
  constexpr T* data() { return data_; }
  constexpr const T* data() const { return data_; }
  constexpr T* begin() { return data_; }
  constexpr T* end() { return data_ + N; }
  constexpr const T* begin() const { return data_; }
  constexpr const T* end() const { return data_ + N; }
  constexpr const T& back() const { return data_[N - 1]; }
  constexpr VectorView<T, N> view() { return VectorView<T, N>(data_); }
  constexpr VectorView<const T, N> view() const { return VectorView<const T, N>(data_); }

 private:
  T data_[N == 0 ? 1 : N]{};
};

/// Numbers whose count is known at run time, zero unless given. Their memory comes from a free list of the
/// thread, so that one made inside a right-hand side costs no malloc after the first.
template <class T>
class Vector<T, dynamic> {
 public:
  using value_type = T;
  static constexpr std::size_t extent = dynamic;

  Vector() = default;
  explicit Vector(std::size_t size) : data_(size) { std::fill(data_.begin(), data_.end(), T{}); }
  Vector(detail::Unfilled, std::size_t size) : data_(size) {}
  Vector(std::initializer_list<T> values) { data_.assign(values.begin(), values.size()); }
  Vector(const std::vector<T>& values) { data_.assign(values.data(), values.size()); }
  explicit Vector(std::span<const T> values) { data_.assign(values.data(), values.size()); }
  template <VectorLike V>
  requires(!std::is_same_v<std::remove_cvref_t<V>, Vector>) explicit(!std::is_same_v<scalar_of<V>, T>)
      Vector(const V& other)
      : data_(other.size()) {
    for (std::size_t i = 0; i < data_.size(); ++i) data_[i] = static_cast<T>(other[i]);
  }

  std::size_t size() const { return data_.size(); }
  T& operator[](std::size_t i) { return data_[i]; }
  const T& operator[](std::size_t i) const { return data_[i]; }
  T* data() { return data_.data(); }
  const T* data() const { return data_.data(); }
  T* begin() { return data_.begin(); }
  T* end() { return data_.end(); }
  const T* begin() const { return data_.begin(); }
  const T* end() const { return data_.end(); }
  const T& back() const { return data_.back(); }
  VectorView<T> view() { return {data_.data(), data_.size()}; }
  VectorView<const T> view() const { return {data_.data(), data_.size()}; }

 private:
  detail::Buffer<T> data_;
};

template <class... S>
requires(sizeof...(S) > 0 && (Scalar<S> && ...)) Vector(const S&...)
->Vector<common_scalar_t<S...>, sizeof...(S)>;
template <class T>
Vector(std::vector<T>) -> Vector<T>;
template <class T, std::size_t N>
Vector(VectorView<T, N>) -> Vector<std::remove_const_t<T>, N>;

namespace detail {
template <class T, std::size_t N>
inline constexpr bool is_vector_like<Vector<T, N>> = true;
}  // namespace detail

namespace detail::inline COSTATE_INSTRUCTIONS {

/// A vector of the given extent: of `size` zeros where the extent is dynamic.
template <class T, std::size_t N>
Vector<T, N> zeros([[maybe_unused]] std::size_t size) {
  if constexpr (N == dynamic)
    return Vector<T>(size);
  else
    return Vector<T, N>();
}

/// The same where the numbers are written before they are read.
template <class T, std::size_t N>
Vector<T, N> unfilled([[maybe_unused]] std::size_t size) {
  if constexpr (N == dynamic)
    return Vector<T>(Unfilled{}, size);
  else
    return Vector<T, N>();
}

template <class A, class B>
constexpr std::size_t common_extent() {
  if constexpr (extent_of<A> == dynamic)
    return extent_of<B>;
  else
    return extent_of<A>;
}

template <class A, class B, class Op>
auto zip(const A& a, const B& b, Op op) {
  static_assert(extent_of<A> == dynamic || extent_of<B> == dynamic || extent_of<A> == extent_of<B>,
                "costate: vectors of different sizes cannot be combined");
  if (a.size() != b.size()) reject_size("vector arithmetic", a.size(), b.size());
  using S = common_scalar_t<scalar_of<A>, scalar_of<B>>;
  auto result = zeros<S, common_extent<A, B>()>(a.size());
  for (std::size_t i = 0; i < a.size(); ++i) result[i] = op(a[i], b[i]);
  return result;
}
template <class A, class Op>
auto map(const A& a, Op op) {
  using S = std::remove_cvref_t<decltype(op(a[0]))>;
  auto result = zeros<S, extent_of<A>>(a.size());
  for (std::size_t i = 0; i < a.size(); ++i) result[i] = op(a[i]);
  return result;
}

}  // namespace detail::inline COSTATE_INSTRUCTIONS

inline namespace COSTATE_INSTRUCTIONS {

template <VectorLike A, VectorLike B>
auto operator+(const A& a, const B& b) {
  return detail::zip(a, b, [](const auto& x, const auto& y) { return x + y; });
}
template <VectorLike A, VectorLike B>
auto operator-(const A& a, const B& b) {
  return detail::zip(a, b, [](const auto& x, const auto& y) { return x - y; });
}
template <VectorLike A>
auto operator-(const A& a) {
  return detail::map(a, [](const auto& x) { return -x; });
}
template <VectorLike A, Scalar S>
auto operator*(const A& a, const S& s) {
  return detail::map(a, [&](const auto& x) { return x * s; });
}
template <VectorLike A, Scalar S>
auto operator*(const S& s, const A& a) {
  return detail::map(a, [&](const auto& x) { return s * x; });
}
template <VectorLike A, Scalar S>
auto operator/(const A& a, const S& s) {
  return detail::map(a, [&](const auto& x) { return x / s; });
}

/// Σ aᵢ bᵢ
template <VectorLike A, VectorLike B>
auto dot(const A& a, const B& b) {
  if (a.size() != b.size()) detail::reject_size("dot", a.size(), b.size());
  common_scalar_t<scalar_of<A>, scalar_of<B>> total{};
  for (std::size_t i = 0; i < a.size(); ++i) total = total + a[i] * b[i];
  return total;
}

}  // namespace COSTATE_INSTRUCTIONS

}  // namespace costate
