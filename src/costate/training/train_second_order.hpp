#pragma once

#include <costate/ad/jacobian.hpp>
#include <costate/core/instruction_namespace.hpp>
#include <costate/optimizers/hessian_objective.hpp>
#include <costate/training/detail/adapted_optimizer.hpp>
#include <costate/training/train.hpp>

#include <algorithm>
#include <cstddef>
#include <span>

namespace costate {

inline namespace COSTATE_INSTRUCTIONS {

/// Minimizes a loss with its second derivatives: everything as with first ones.
///
///     auto result = train(loss, p, Newton{}, {.max_iterations = 50});
///
/// The Hessian, or its products, come by forward over reverse, and only where the optimizer asks. The result
/// counts evaluations of the loss and of its gradient, not those.
template <class Loss, class P, class Optimizer, class Callback = NoCallback>
requires(HessianOptimizer<Optimizer, double> ||
         HessianProductOptimizer<Optimizer, double>) auto train(const Loss& loss, const P& start,
                                                                const Optimizer& optimizer,
                                                                const TrainOptions& options = {},
                                                                Callback callback = {}) {
  using T = common_scalar_t<scalar_of<detail::vector_like_t<P>>>;
  using Point = Vector<T, extent_of<detail::vector_like_t<P>>>;
  if constexpr (HessianOptimizer<Optimizer, double>) {
    const auto derivatives = [&](std::span<const T> x, std::span<T> h) {
      const auto matrix = hessian(loss, Point(x));
      std::copy(matrix.data(), matrix.data() + h.size(), h.begin());
    };
    const auto with_hessian = [&](const Objective<T>& objective) {
      return HessianObjective<T>{objective, derivatives};
    };
    return train(loss, start, detail::adapted<T>(optimizer, with_hessian), options, callback);
  } else {
    const auto derivatives = [&](std::span<const T> x, std::span<const T> v, std::span<T> product) {
      const auto hv = hessian_vector_product(loss, Point(x), Point(v));
      std::copy(hv.begin(), hv.end(), product.begin());
    };
    const auto with_products = [&](const Objective<T>& objective) {
      return HessianProductObjective<T>{objective, derivatives};
    };
    return train(loss, start, detail::adapted<T>(optimizer, with_products), options, callback);
  }
}

}  // namespace COSTATE_INSTRUCTIONS

}  // namespace costate
