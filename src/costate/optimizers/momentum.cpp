#include <costate/optimizers/detail/first_order.hpp>
#include <costate/optimizers/momentum.hpp>

namespace costate {

template <class T>
Momentum::State<T> Momentum::init(std::size_t size) const {
  detail::check_rate("Momentum.learning_rate", learning_rate);
  detail::check_momentum("Momentum.momentum", momentum);
  return State<T>(size);
}

template <class T>
void Momentum::update(State<T>& state, std::span<const T> gradient, std::span<T> x) const {
  if (!detail::count_step(state, gradient)) return;
  const T rate = detail::rate_now<T>(learning_rate, state.step);
  const T beta = detail::rate_now<T>(momentum, state.step);
  detail::update_each(state, gradient, x, [=](T g, T& x_i, T& v) {
    v = beta * v + g;
    x_i -= rate * v;
  });
}

template Momentum::State<float> Momentum::init(std::size_t) const;
template Momentum::State<double> Momentum::init(std::size_t) const;
template void Momentum::update(State<float>&, std::span<const float>, std::span<float>) const;
template void Momentum::update(State<double>&, std::span<const double>, std::span<double>) const;

}  // namespace costate
