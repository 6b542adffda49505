#pragma once

#include <costate/core/matrix_view.hpp>
#include <costate/core/vector_view.hpp>

#include <array>
#include <cstddef>
#include <span>
#include <type_traits>
#include <utility>
#include <vector>

namespace costate {

/// How the numbers of somebody else's container look to this library, without a copy:
///
///     template <class T> struct costate::ForeignView<MyVector<T>> {
///       static costate::VectorView<const T> view(const MyVector<T>& x) { return {x.begin(), x.length()}; }
///     };
///
/// `view` may return a VectorView, or a MatrixView of numbers that stand column by column. With it a
/// container serves as initial state, as parameters and as the argument of a gradient. std::vector,
/// std::array and std::span have theirs here, Eigen's types in costate/interop/eigen.hpp; a raw pointer is
/// `VectorView(pointer, size)`.
template <class X>
struct ForeignView;

template <class T>
struct ForeignView<std::vector<T>> {
  static VectorView<const T> view(const std::vector<T>& x) { return {x.data(), x.size()}; }
};
template <class T, std::size_t N>
struct ForeignView<std::array<T, N>> {
  static VectorView<const T, N> view(const std::array<T, N>& x) { return VectorView<const T, N>(x.data()); }
};
template <class T, std::size_t N>
struct ForeignView<std::span<T, N>> {
  static constexpr std::size_t extent = N == std::dynamic_extent ? dynamic : N;
  static VectorView<const T, extent> view(std::span<T, N> x) { return {x.data(), x.size()}; }
};

/// A container that has a ForeignView.
template <class X>
concept Foreign = requires(const std::remove_cvref_t<X>& x) {
  ForeignView<std::remove_cvref_t<X>>::view(x);
};

namespace detail {

/// An argument of a public function as something VectorLike or MatrixLike.
template <class X>
requires(VectorLike<X> || MatrixLike<X>) const X& as_vector_like(const X& x) {
  return x;
}
template <Foreign X>
auto as_vector_like(const X& x) {
  return ForeignView<X>::view(x);
}
template <class X>
using vector_like_t = std::remove_cvref_t<decltype(as_vector_like(std::declval<const X&>()))>;

}  // namespace detail

}  // namespace costate
