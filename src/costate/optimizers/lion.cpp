#include <costate/optimizers/detail/first_order.hpp>
#include <costate/optimizers/lion.hpp>

namespace costate {

template <class T>
Lion::State<T> Lion::init(std::size_t size) const {
  detail::check_rate("Lion.learning_rate", learning_rate);
  detail::check_decay("Lion.beta1", beta1);
  detail::check_decay("Lion.beta2", beta2);
  detail::check_factor("Lion.weight_decay", weight_decay);
  return State<T>(size);
}

template <class T>
void Lion::update(State<T>& state, std::span<const T> gradient, std::span<T> x) const {
  if (!detail::count_step(state, gradient)) return;
  const T rate = detail::rate_now<T>(learning_rate, state.step);
  const T decay = detail::rate_now<T>(weight_decay, state.step);
  const detail::Decay<T> first(beta1), second(beta2);
  detail::update_each(state, gradient, x, [=](T g, T& x_i, T& m) {
    const T c = first.mean(m, g);
    x_i -= rate * (static_cast<T>((c > 0) - (c < 0)) + decay * x_i);
    m = second.mean(m, g);
  });
}

template Lion::State<float> Lion::init(std::size_t) const;
template Lion::State<double> Lion::init(std::size_t) const;
template void Lion::update(State<float>&, std::span<const float>, std::span<float>) const;
template void Lion::update(State<double>&, std::span<const double>, std::span<double>) const;

}  // namespace costate
