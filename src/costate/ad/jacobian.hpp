#pragma once

#include <costate/ad/gradient.hpp>
#include <costate/core/instruction_namespace.hpp>
#include <costate/core/matrix.hpp>

#include <algorithm>
#include <cstddef>
#include <limits>

namespace costate {

namespace detail::inline COSTATE_INSTRUCTIONS {

/// How many directions one forward pass carries.
template <class V>
inline constexpr std::size_t chunk_of = extent_of<V> < 8 ? extent_of<V> : 8;

/// x with the directions first … first + Chunk − 1 seeded.
template <std::size_t Chunk, class V>
auto seed_directions(const V& x, std::size_t first) {
  using T = common_scalar_t<scalar_of<V>>;
  auto seeded = zeros<Dual<T, Chunk>, extent_of<V>>(x.size());
  for (std::size_t i = 0; i < x.size(); ++i) {
    seeded[i].value = static_cast<T>(x[i]);
    if (i >= first && i < first + Chunk) seeded[i].partial[i - first] = T(1);
  }
  return seeded;
}

}  // namespace detail::inline COSTATE_INSTRUCTIONS

inline namespace COSTATE_INSTRUCTIONS {

/// The matrix ∂fᵢ/∂xⱼ [outputs × inputs] of a vector-valued function, by forward passes of eight directions.
template <class F, class X>
auto jacobian(const F& f, const X& point) {
  const auto& x = detail::as_vector_like(point);
  using V = detail::vector_like_t<X>;
  using T = common_scalar_t<scalar_of<V>>;
  constexpr std::size_t chunk = detail::chunk_of<V>;
  Matrix<T> result;
  for (std::size_t first = 0; first < x.size(); first += chunk) {
    const auto y = f(detail::seed_directions<chunk>(x, first));
    static_assert(VectorLike<decltype(y)>, "costate::jacobian: the function must return a Vector");
    static_assert(!PlainScalar<scalar_of<decltype(y)>>,
                  "costate::jacobian: this function returns plain numbers, so its derivative would be zero: "
                  "let it return the numbers "
                  "that it computed from its argument");
    if (first == 0) result = Matrix<T>(y.size(), x.size());
    for (std::size_t i = 0; i < y.size(); ++i)
      for (std::size_t j = first; j < std::min(first + chunk, x.size()); ++j)
        result(i, j) = y[i].partial[j - first];
  }
  return result;
}

}  // namespace COSTATE_INSTRUCTIONS

namespace detail::inline COSTATE_INSTRUCTIONS {

/// The gradient of a loss at a point of Dual numbers; NaN where a solve inside failed, since zero would be
/// taken for an answer.
template <class Loss, class X>
auto gradient_or_nan(const Loss& loss, const X& x) {
  auto [value, g] = value_and_gradient(loss, x);
  using T = base_t<scalar_of<X>>;
  if (!is_finite(plain(value)))
    for (auto& entry : g) {
      entry.value = std::numeric_limits<T>::quiet_NaN();
      for (auto& d : entry.partial) d = std::numeric_limits<T>::quiet_NaN();
    }
  return g;
}

}  // namespace detail::inline COSTATE_INSTRUCTIONS

inline namespace COSTATE_INSTRUCTIONS {

/// The matrix ∂²loss/∂xᵢ∂xⱼ, forward over reverse: n/8 gradients of Dual numbers. Works through solves.
template <class Loss, class X>
auto hessian(const Loss& loss, const X& point) {
  const auto& x = detail::as_vector_like(point);
  using V = detail::vector_like_t<X>;
  using T = common_scalar_t<scalar_of<V>>;
  constexpr std::size_t chunk = detail::chunk_of<V>;
  Matrix<T> result(x.size(), x.size());
  for (std::size_t first = 0; first < x.size(); first += chunk) {
    const auto g = detail::gradient_or_nan(loss, detail::seed_directions<chunk>(x, first));
    for (std::size_t i = 0; i < x.size(); ++i)
      for (std::size_t j = first; j < std::min(first + chunk, x.size()); ++j)
        result(i, j) = g[i].partial[j - first];
  }
  return result;
}

/// (∂²loss/∂x²) v, one gradient of Dual numbers of one direction.
template <class Loss, class X, class D>
auto hessian_vector_product(const Loss& loss, const X& point, const D& direction) {
  const auto& x = detail::as_vector_like(point);
  const auto& v = detail::as_vector_like(direction);
  using V = detail::vector_like_t<X>;
  using T = common_scalar_t<scalar_of<V>>;
  if (v.size() != x.size()) detail::reject_size("hessian_vector_product: direction", x.size(), v.size());
  auto seeded = detail::zeros<Dual<T, 1>, extent_of<V>>(x.size());
  for (std::size_t i = 0; i < x.size(); ++i) {
    seeded[i].value = static_cast<T>(x[i]);
    seeded[i].partial[0] = static_cast<T>(v[i]);
  }
  const auto g = detail::gradient_or_nan(loss, seeded);
  auto product = detail::zeros<T, extent_of<V>>(x.size());
  for (std::size_t i = 0; i < x.size(); ++i) product[i] = g[i].partial[0];
  return product;
}

}  // namespace COSTATE_INSTRUCTIONS

}  // namespace costate
