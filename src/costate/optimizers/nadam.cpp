#include <costate/optimizers/detail/first_order.hpp>
#include <costate/optimizers/nadam.hpp>

namespace costate {

template <class T>
NAdam::State<T> NAdam::init(std::size_t size) const {
  detail::check_adam(*this);
  return State<T>(size);
}

template <class T>
void NAdam::update(State<T>& state, std::span<const T> gradient, std::span<T> x) const {
  if (!detail::count_step(state, gradient)) return;
  const T rate = detail::rate_now<T>(learning_rate, state.step);
  const T of_mean = static_cast<T>(beta1 * detail::unbias(beta1, state.step + 1));
  const T of_gradient = static_cast<T>((1 - beta1) * detail::unbias(beta1, state.step));
  const T to_square = static_cast<T>(detail::unbias(beta2, state.step));
  const T eps = static_cast<T>(epsilon);
  const detail::Decay<T> first(beta1), second(beta2);
  detail::update_each(state, gradient, x, [=](T g, T& x_i, T& m, T& v) {
    m = first.mean(m, g);
    v = second.mean_square(v, g);
    x_i -= rate * (of_mean * m + of_gradient * g) / (std::sqrt(v * to_square) + eps);
  });
}

template NAdam::State<float> NAdam::init(std::size_t) const;
template NAdam::State<double> NAdam::init(std::size_t) const;
template void NAdam::update(State<float>&, std::span<const float>, std::span<float>) const;
template void NAdam::update(State<double>&, std::span<const double>, std::span<double>) const;

}  // namespace costate
