#pragma once

#include <costate/ad/jacobian.hpp>
#include <costate/optimizers/hessian_objective.hpp>
#include <costate/training/train.hpp>

#include <algorithm>
#include <cstddef>
#include <span>

namespace costate {

namespace detail {

/// An optimizer that needs second derivatives as one that the loop over iterations runs.
template <class Optimizer, class T, template <class> class SecondOrder, class Derivatives>
struct WithSecondOrder {
  const Optimizer& optimizer;
  const Derivatives& derivatives;

  static constexpr const char* name = Optimizer::name;
  static constexpr bool takes_bounds = Optimizer::takes_bounds;
  template <class U>
  using State = typename Optimizer::template State<U>;

  template <class U>
  State<U> init(std::size_t size) const {
    return optimizer.template init<U>(size);
  }
  StepResult iterate(State<T>& state, const Objective<T>& objective, Iterate<T>& current) const {
    return optimizer.iterate(state, SecondOrder<T>{objective, derivatives}, current);
  }
};

}  // namespace detail

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
    return train(loss, start,
                 detail::WithSecondOrder<Optimizer, T, HessianObjective, decltype(derivatives)>{optimizer,
                                                                                                derivatives},
                 options, callback);
  } else {
    const auto derivatives = [&](std::span<const T> x, std::span<const T> v, std::span<T> product) {
      const auto hv = hessian_vector_product(loss, Point(x), Point(v));
      std::copy(hv.begin(), hv.end(), product.begin());
    };
    return train(loss, start,
                 detail::WithSecondOrder<Optimizer, T, HessianProductObjective, decltype(derivatives)>{
                     optimizer, derivatives},
                 options, callback);
  }
}

}  // namespace costate
