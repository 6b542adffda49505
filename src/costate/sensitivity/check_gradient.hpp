#pragma once

#include <costate/ad/gradient.hpp>
#include <costate/ad/jacobian.hpp>
#include <costate/core/instruction_namespace.hpp>
#include <costate/solve/mesh_context.hpp>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <limits>

namespace costate {

/// The gradient of one loss by three routes.
template <class G>
struct GradientComparison {
  G reverse;  ///< value_and_gradient: the sensitivity algorithms named in the loss
  G forward;  ///< Dual numbers through the whole loss, every solve along the mesh of the first evaluation
  G finite_difference;  ///< central differences, every solve along the mesh of the first evaluation
  double max_relative_difference;  ///< the largest of max |a − b| / max |a| over the three pairs
  double
      free_mesh_difference;  ///< the same between reverse and differences whose solves choose their own steps
};

inline namespace COSTATE_INSTRUCTIONS {

/// Compares the routes to the gradient of a loss at a point; run it on a model of your own before trusting it
/// with your afternoon.
///
/// Differences along a frozen mesh see the very map that the exact gradients belong to, so
/// `max_relative_difference` is rounding and truncation: expect 1e-6 or less in double precision.
/// `free_mesh_difference` adds the jumps of step-size control: expect the tolerance.
template <class Loss, class X>
auto check_gradient(const Loss& loss, const X& point) {
  const auto& x = detail::as_vector_like(point);
  using V = detail::vector_like_t<X>;
  using T = common_scalar_t<scalar_of<V>>;
  using G = Vector<T, extent_of<V>>;
  static_assert(PlainScalar<T>, "costate::check_gradient: want plain numbers");
  const auto value = [&](const G& at) { return static_cast<T>(detail::loss_of(loss(at))); };

  GradientComparison<G> result{};
  const G here(x);
  result.reverse = gradient(loss, here);
  const T relative = std::cbrt(std::numeric_limits<T>::epsilon());
  const auto differences = [&](auto evaluate) {
    auto g = detail::zeros<T, extent_of<V>>(here.size());
    for (std::size_t i = 0; i < here.size(); ++i) {
      const T step = relative * std::max(T(1), std::abs(here[i]));
      G up = here, down = here;
      up[i] = here[i] + step, down[i] = here[i] - step;
      g[i] = (evaluate(up) - evaluate(down)) / (up[i] - down[i]);
    }
    return g;
  };
  {
    detail::MeshContext context;
    value(here);
    const auto row = jacobian(
        [&](const auto& at) {
          context.replay();
          return Vector{detail::loss_of(loss(at))};
        },
        here);
    result.forward = detail::zeros<T, extent_of<V>>(here.size());
    for (std::size_t i = 0; i < here.size(); ++i) result.forward[i] = row(0, i);
    result.finite_difference = differences([&](const G& at) {
      context.replay();
      return value(at);
    });
  }
  const G free = differences(value);

  const auto difference = [](const G& a, const G& b) {
    double largest = 0, scale = 0;
    for (std::size_t i = 0; i < a.size(); ++i) {
      const double d = std::abs(static_cast<double>(a[i]) - static_cast<double>(b[i]));
      if (!(d <= largest)) largest = d;  // NaN stays
      scale = std::max(scale, std::abs(static_cast<double>(a[i])));
    }
    return scale > 0 ? largest / scale : largest;
  };
  result.max_relative_difference = difference(result.reverse, result.forward);
  for (const double d : {difference(result.reverse, result.finite_difference),
                         difference(result.forward, result.finite_difference)})
    if (!(d <= result.max_relative_difference)) result.max_relative_difference = d;
  result.free_mesh_difference = difference(result.reverse, free);
  return result;
}

}  // namespace COSTATE_INSTRUCTIONS

}  // namespace costate
