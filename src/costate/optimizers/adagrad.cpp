#include <costate/optimizers/adagrad.hpp>
#include <costate/optimizers/detail/first_order.hpp>

namespace costate {

template <class T>
AdaGrad::State<T> AdaGrad::init(std::size_t size) const {
  detail::check_rate("AdaGrad.learning_rate", learning_rate);
  detail::check_epsilon("AdaGrad.epsilon", epsilon);
  return State<T>(size);
}

template <class T>
void AdaGrad::update(State<T>& state, std::span<const T> gradient, std::span<T> x) const {
  if (!detail::count_step(state, gradient)) return;
  const T rate = detail::rate_now<T>(learning_rate, state.step);
  const T eps = static_cast<T>(epsilon);
  const T most = std::numeric_limits<T>::max();
  detail::update_each(state, gradient, x, [=](T g, T& x_i, T& s) {
    s = std::min(s + g * g, most);
    x_i -= rate * g / (std::sqrt(s) + eps);
  });
}

template AdaGrad::State<float> AdaGrad::init(std::size_t) const;
template AdaGrad::State<double> AdaGrad::init(std::size_t) const;
template void AdaGrad::update(State<float>&, std::span<const float>, std::span<float>) const;
template void AdaGrad::update(State<double>&, std::span<const double>, std::span<double>) const;

}  // namespace costate
