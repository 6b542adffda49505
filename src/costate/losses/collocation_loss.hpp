#pragma once

#include <costate/core/errors.hpp>
#include <costate/data/collocate.hpp>
#include <costate/losses/loss_options.hpp>
#include <costate/losses/reductions.hpp>
#include <costate/problems/matrix_state.hpp>
#include <costate/problems/ode_function.hpp>
#include <costate/problems/ode_problem.hpp>

#include <cstddef>
#include <utility>

namespace costate {

/// The loss of p that `collocation_loss` returns.
template <class Problem>
class CollocationLoss {
 public:
  CollocationLoss(Problem problem, Collocation estimate, LossOptions options)
      : problem_(std::move(problem)), estimate_(std::move(estimate)), options_(std::move(options)) {
    const std::size_t n = problem_.u0().size();
    if (estimate_.u.values.rows() != n)
      detail::reject_size("collocation_loss: components", n, estimate_.u.values.rows());
    if (estimate_.t.size() == 0) detail::reject("collocation_loss: times", "at least 1", "0");
  }

  template <class P>
  [[gnu::always_inline]] auto operator()(const P& p) const {
    constexpr std::size_t N = extent_of<decltype(problem_.u0())>;
    using S = common_scalar_t<scalar_of<decltype(problem_.u0())>, scalar_of<P>>;
    using T = base_t<S>;
    const std::size_t n = problem_.u0().size(), count = estimate_.t.size();
    Matrix<S> slopes(n, count);
    for (std::size_t i = 0; i < count; ++i) {
      const Vector<T, N> u(estimate_.u[i]);
      const VectorView<const T, N> state(u.data(), n);
      VectorView<S, N> du(slopes.data() + i * n, n);
      detail::call_right_hand_side(problem_.f(), du, state, p, estimate_.t[i]);
    }
    return mean_squared_error(slopes, estimate_.du.values, options_);
  }

 private:
  Problem problem_;
  Collocation estimate_;
  LossOptions options_;
};

/// A loss of p that solves nothing: how far f along estimated states is from their estimated derivatives.
///
///     Σ wᵢ (f(u(tᵢ), p, tᵢ) − u'(tᵢ))² / Σ wᵢ                  over all components and times
///
///     const auto near = train(collocation_loss(problem, collocate(data)), p, Adam{}, …);
///
/// It has no phase to miss, so it starts the training of an oscillating or long solution well; what it finds
/// is as good as the estimate, and a fit of the solution follows. Options are those of `squared_error`; the
/// problem's u0, p and span are not used, beyond the size of its state. f must be generic. Throws
/// std::invalid_argument where the estimate has another number of components.
///
/// J. M. Varah, SIAM J. Sci. Stat. Comput. 3 (1982) 28; see `collocate`.
template <class Problem>
auto collocation_loss(const Problem& problem, const Collocation& estimate, const LossOptions& options = {}) {
  if constexpr (MatrixLike<decltype(problem.u0())>) {
    const auto flat = detail::flat_problem(problem);
    return CollocationLoss<std::remove_cvref_t<decltype(flat)>>(flat, estimate, options);
  } else {
    return CollocationLoss<Problem>(problem, estimate, options);
  }
}

}  // namespace costate
