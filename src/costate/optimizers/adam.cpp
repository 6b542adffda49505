#include <costate/optimizers/adam.hpp>
#include <costate/optimizers/detail/first_order.hpp>

namespace costate {

template <class T>
Adam::State<T> Adam::init(std::size_t size) const {
  detail::check_adam(*this);
  return State<T>(size);
}

template <class T>
void Adam::update(State<T>& state, std::span<const T> gradient, std::span<T> x) const {
  if (!detail::count_step(state, gradient)) return;
  const T rate = static_cast<T>(learning_rate(state.step - 1) / detail::weight(beta1, state.step));
  const T to_square = static_cast<T>(detail::unbias(beta2, state.step));
  const T eps = static_cast<T>(epsilon);
  const detail::Decay<T> first(beta1), second(beta2);
  detail::update_each(state, gradient, x, [=](T g, T& x_i, T& m, T& v) {
    m = first.mean(m, g);
    v = second.mean_square(v, g);
    x_i -= rate * m / (std::sqrt(v * to_square) + eps);
  });
}

template Adam::State<float> Adam::init(std::size_t) const;
template Adam::State<double> Adam::init(std::size_t) const;
template void Adam::update(State<float>&, std::span<const float>, std::span<float>) const;
template void Adam::update(State<double>&, std::span<const double>, std::span<double>) const;

}  // namespace costate
