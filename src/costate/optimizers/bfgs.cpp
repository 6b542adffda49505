#include <costate/optimizers/bfgs.hpp>

#include <algorithm>

namespace costate {
namespace {

/// H ← H − ρ (s (Hy)ᵀ + (Hy) sᵀ) + ρ (1 + ρ yᵀHy) s sᵀ, the product form multiplied out
template <class T>
void take_pair_into(BFGS::State<T>& state) {
  const std::vector<T>&s = state.shared.s, &y = state.shared.y;
  const std::size_t n = s.size();
  T* const h = state.inverse_hessian.data();
  if (state.shared.steepest) {
    std::fill(state.inverse_hessian.begin(), state.inverse_hessian.end(), T(0));
    for (std::size_t i = 0; i < n; ++i) h[i * n + i] = static_cast<T>(state.shared.scale);
  }
  for (std::size_t i = 0; i < n; ++i) {
    state.hy[i] = static_cast<T>(detail::inner_product<T>({h + i * n, n}, y));
  }
  const double rho = 1 / detail::inner_product<T>(s, y);
  const double both = rho * (1 + rho * detail::inner_product<T>(y, state.hy));
  for (std::size_t i = 0; i < n; ++i) {
    const T along_s =
        static_cast<T>(both * static_cast<double>(s[i]) - rho * static_cast<double>(state.hy[i]));
    const T along_hy = static_cast<T>(-rho * static_cast<double>(s[i]));
    T* const row = h + i * n;
    const T* const hy = state.hy.data();
    for (std::size_t j = 0; j < n; ++j) row[j] += along_s * s[j] + along_hy * hy[j];
  }
}

/// The inverse of the Hessian without parameter i, which is left with its own curvature:
/// H ← H − h hᵀ / hᵢ, h column i
template <class T>
void take_out(BFGS::State<T>& state, std::size_t i) {
  const std::size_t n = state.hy.size();
  T* const h = state.inverse_hessian.data();
  for (std::size_t j = 0; j < n; ++j) state.hy[j] = h[i * n + j];
  for (std::size_t j = 0; j < n; ++j) {
    const T factor = j == i ? T(0) : state.hy[j] / state.hy[i];
    for (std::size_t k = 0; k < n; ++k) h[j * n + k] = k == i ? T(0) : h[j * n + k] - factor * state.hy[k];
  }
  for (std::size_t k = 0; k < n; ++k) h[i * n + k] = k == i ? state.hy[i] : T(0);
}

}  // namespace

template <class T>
BFGS::State<T> BFGS::init(std::size_t size) const {
  detail::check(name, {initial_step_norm, gradient_tolerance, line_search});
  State<T> state;
  state.shared = detail::QuasiNewtonState<T>(size);
  state.inverse_hessian.resize(size * size);
  state.hy.resize(size);
  return state;
}

template <class T>
StepResult BFGS::iterate(State<T>& state, const Objective<T>& objective, Iterate<T>& current) const {
  const auto direct = [&](std::span<const T> gradient, std::span<T> direction) {
    const std::size_t n = gradient.size();
    for (std::size_t i = 0; i < n; ++i) {
      direction[i] =
          static_cast<T>(-detail::inner_product<T>({state.inverse_hessian.data() + i * n, n}, gradient));
    }
  };
  return detail::quasi_newton_iterate<T>(
      state.shared, {initial_step_norm, gradient_tolerance, line_search}, objective, current, direct,
      [&] { take_pair_into(state); }, [] {}, [&](std::size_t i) { take_out(state, i); });
}

template BFGS::State<float> BFGS::init(std::size_t) const;
template BFGS::State<double> BFGS::init(std::size_t) const;
template StepResult BFGS::iterate(State<float>&, const Objective<float>&, Iterate<float>&) const;
template StepResult BFGS::iterate(State<double>&, const Objective<double>&, Iterate<double>&) const;

}  // namespace costate
