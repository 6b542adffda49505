#include <costate/optimizers/adamw.hpp>
#include <costate/optimizers/detail/first_order.hpp>

namespace costate {

template <class T>
AdamW::State<T> AdamW::init(std::size_t size) const {
  detail::check_adam(*this);
  detail::check_factor("AdamW.weight_decay", weight_decay);
  return State<T>(size);
}

template <class T>
void AdamW::update(State<T>& state, std::span<const T> gradient, std::span<T> x) const {
  if (!detail::count_step(state, gradient)) return;
  const T rate = detail::rate_now<T>(learning_rate, state.step);
  const T decay = detail::rate_now<T>(weight_decay, state.step);
  const T to_mean = static_cast<T>(detail::unbias(beta1, state.step));
  const T to_square = static_cast<T>(detail::unbias(beta2, state.step));
  const T eps = static_cast<T>(epsilon);
  const detail::Decay<T> first(beta1), second(beta2);
  detail::update_each(state, gradient, x, [=](T g, T& x_i, T& m, T& v) {
    m = first.mean(m, g);
    v = second.mean_square(v, g);
    x_i -= rate * (m * to_mean / (std::sqrt(v * to_square) + eps) + decay * x_i);
  });
}

template AdamW::State<float> AdamW::init(std::size_t) const;
template AdamW::State<double> AdamW::init(std::size_t) const;
template void AdamW::update(State<float>&, std::span<const float>, std::span<float>) const;
template void AdamW::update(State<double>&, std::span<const double>, std::span<double>) const;

}  // namespace costate
