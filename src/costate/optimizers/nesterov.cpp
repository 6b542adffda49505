#include <costate/optimizers/detail/first_order.hpp>
#include <costate/optimizers/nesterov.hpp>

namespace costate {

template <class T>
Nesterov::State<T> Nesterov::init(std::size_t size) const {
  detail::check_rate("Nesterov.learning_rate", learning_rate);
  detail::check_momentum("Nesterov.momentum", momentum);
  return State<T>(size);
}

template <class T>
void Nesterov::update(State<T>& state, std::span<const T> gradient, std::span<T> x) const {
  if (!detail::count_step(state, gradient)) return;
  const T rate = detail::rate_now<T>(learning_rate, state.step);
  const T beta = detail::rate_now<T>(momentum, state.step);
  detail::update_each(state, gradient, x, [=](T g, T& x_i, T& v) {
    v = beta * v + g;
    x_i -= rate * (g + beta * v);
  });
}

template Nesterov::State<float> Nesterov::init(std::size_t) const;
template Nesterov::State<double> Nesterov::init(std::size_t) const;
template void Nesterov::update(State<float>&, std::span<const float>, std::span<float>) const;
template void Nesterov::update(State<double>&, std::span<const double>, std::span<double>) const;

}  // namespace costate
