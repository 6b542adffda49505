#include <costate/core/errors.hpp>
#include <costate/optimizers/lbfgs.hpp>

#include <algorithm>
#include <cmath>
#include <limits>

namespace costate {
namespace {

/// x ← x + a z
template <class T>
void add_multiple(double a, std::span<const T> z, std::span<T> x) {
  const T factor = static_cast<T>(a);
  for (std::size_t i = 0; i < x.size(); ++i) x[i] += factor * z[i];
}

/// sᵀy over the parameters that are not fixed
template <class T>
double free_product(std::span<const unsigned char> fixed, std::span<const T> s, std::span<const T> y) {
  double product = detail::inner_product<T>(s, y);
  for (std::size_t i = 0; i < fixed.size(); ++i)
    if (fixed[i]) product -= static_cast<double>(s[i]) * static_cast<double>(y[i]);
  return product;
}

/// The recursion among the parameters that are not fixed at a bound: pairs are cut down to them, and those
/// without positive curvature there are left out.
template <class T>
void two_loop_recursion(LBFGS::State<T>& state, std::span<const T> gradient, std::span<T> direction) {
  const std::size_t n = gradient.size(), capacity = state.rho.size();
  const std::span<const unsigned char> fixed = state.shared.fixed;
  const auto s = [&](std::size_t k) { return std::span<const T>(state.s.data() + k * n, n); };
  const auto y = [&](std::size_t k) { return std::span<const T>(state.y.data() + k * n, n); };
  const auto from_newest = [&](std::size_t age) { return (state.next + capacity - 1 - age) % capacity; };
  const auto add = [&](double a, std::span<const T> z) {
    add_multiple<T>(a, z, direction);
    for (std::size_t i = 0; i < fixed.size(); ++i)
      if (fixed[i]) direction[i] = T(0);
  };

  double scale = state.shared.scale;
  bool newest = true;
  for (std::size_t i = 0; i < n; ++i) direction[i] = -gradient[i];
  for (std::size_t age = 0; age < state.kept; ++age) {
    const std::size_t k = from_newest(age);
    if (!fixed.empty()) {
      const double sy = free_product<T>(fixed, s(k), y(k)), yy = free_product<T>(fixed, y(k), y(k)),
                   ss = free_product<T>(fixed, s(k), s(k));
      const double rounding = static_cast<double>(std::numeric_limits<T>::epsilon());
      state.rho[k] = sy > rounding * std::sqrt(ss) * std::sqrt(yy) ? 1 / sy : 0;
      if (newest && state.rho[k] > 0) scale = sy / yy, newest = false;
    }
    state.alpha[k] = state.rho[k] * detail::inner_product<T>(s(k), direction);
    add(-state.alpha[k], y(k));
  }
  for (T& d : direction) d *= static_cast<T>(scale);
  for (std::size_t age = state.kept; age-- > 0;) {
    const std::size_t k = from_newest(age);
    const double beta = state.rho[k] * detail::inner_product<T>(y(k), direction);
    add(state.alpha[k] - beta, s(k));
  }
}

}  // namespace

template <class T>
LBFGS::State<T> LBFGS::init(std::size_t size) const {
  if (history < 1) detail::reject("LBFGS.history", "a number >= 1", static_cast<double>(history));
  detail::check(name, {initial_step_norm, gradient_tolerance, line_search});
  State<T> state;
  state.shared = detail::QuasiNewtonState<T>(size);
  state.s.resize(history * size);
  state.y.resize(history * size);
  state.rho.resize(history);
  state.alpha.resize(history);
  return state;
}

template <class T>
StepResult LBFGS::iterate(State<T>& state, const Objective<T>& objective, Iterate<T>& current) const {
  const auto direct = [&](std::span<const T> gradient, std::span<T> direction) {
    two_loop_recursion<T>(state, gradient, direction);
  };
  const auto update = [&] {
    const std::size_t n = current.x.size();
    std::copy(state.shared.s.begin(), state.shared.s.end(), state.s.data() + state.next * n);
    std::copy(state.shared.y.begin(), state.shared.y.end(), state.y.data() + state.next * n);
    state.rho[state.next] = 1 / detail::inner_product<T>(state.shared.s, state.shared.y);
    state.next = (state.next + 1) % history;
    state.kept = std::min(state.kept + 1, history);
  };
  const auto forget = [&] { state.kept = state.next = 0; };
  return detail::quasi_newton_iterate<T>(state.shared, {initial_step_norm, gradient_tolerance, line_search},
                                         objective, current, direct, update, forget, [](std::size_t) {});
}

template LBFGS::State<float> LBFGS::init(std::size_t) const;
template LBFGS::State<double> LBFGS::init(std::size_t) const;
template StepResult LBFGS::iterate(State<float>&, const Objective<float>&, Iterate<float>&) const;
template StepResult LBFGS::iterate(State<double>&, const Objective<double>&, Iterate<double>&) const;

}  // namespace costate
