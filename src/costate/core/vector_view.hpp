#pragma once

#include <costate/core/scalar.hpp>

#include <cstddef>
#include <span>
#include <type_traits>

namespace costate {

/// A window on N numbers (or size() numbers, N = dynamic) that somebody else owns. Copying it copies the
/// window, not the numbers, and writing through a copy writes to the owner. VectorView<const T, N> only
/// reads. Right-hand sides are called with views, so `auto du`, `auto& du` and `const auto& u` are all right.
template <class T, std::size_t N = dynamic>
class VectorView {
 public:
  using value_type = std::remove_const_t<T>;
  static constexpr std::size_t extent = N;

  constexpr VectorView() = default;
  constexpr explicit VectorView(T* data) : data_(data) {}
  constexpr VectorView(T* data, std::size_t) : data_(data) {}
  constexpr operator VectorView<const T, N>() const requires(!std::is_const_v<T>) {
    return VectorView<const T, N>(data_);
  }
  constexpr operator std::span<T>() const { return {data_, N}; }

  static constexpr std::size_t size() { return N; }
  constexpr T& operator[](std::size_t i) const { return data_[i]; }
  constexpr T* data() const { return data_; }
  constexpr T* begin() const { return data_; }
  constexpr T* end() const { return data_ + N; }
  constexpr T& back() const { return data_[N - 1]; }

 private:
  T* data_ = nullptr;
};

template <class T>
class VectorView<T, dynamic> {
 public:
  using value_type = std::remove_const_t<T>;
  static constexpr std::size_t extent = dynamic;

  constexpr VectorView() = default;
  constexpr VectorView(T* data, std::size_t size) : data_(data), size_(size) {}
  constexpr operator VectorView<const T, dynamic>() const requires(!std::is_const_v<T>) {
    return {data_, size_};
  }
  constexpr operator std::span<T>() const { return {data_, size_}; }

  constexpr std::size_t size() const { return size_; }
  constexpr T& operator[](std::size_t i) const { return data_[i]; }
  constexpr T* data() const { return data_; }
  constexpr T* begin() const { return data_; }
  constexpr T* end() const { return data_ + size_; }
  constexpr T& back() const { return data_[size_ - 1]; }

 private:
  T* data_ = nullptr;
  std::size_t size_ = 0;
};

namespace detail {
template <class V>
inline constexpr bool is_vector_like = false;
template <class T, std::size_t N>
inline constexpr bool is_vector_like<VectorView<T, N>> = true;
}  // namespace detail

/// Anything of this library that is indexed like a vector of numbers: Vector, VectorView and the views that
/// AD makes.
template <class V>
concept VectorLike = detail::is_vector_like<std::remove_cvref_t<V>>;

/// The scalar and the size (dynamic: known at run time) of a VectorLike.
template <class V>
using scalar_of = typename std::remove_cvref_t<V>::value_type;
template <class V>
inline constexpr std::size_t extent_of = std::remove_cvref_t<V>::extent;

}  // namespace costate
