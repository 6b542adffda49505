#include <costate/optimizers/detail/first_order.hpp>
#include <costate/optimizers/rmsprop.hpp>

namespace costate {

template <class T>
RMSProp::State<T> RMSProp::init(std::size_t size) const {
  detail::check_rate("RMSProp.learning_rate", learning_rate);
  detail::check_decay("RMSProp.rho", rho);
  detail::check_epsilon("RMSProp.epsilon", epsilon);
  return State<T>(size);
}

template <class T>
void RMSProp::update(State<T>& state, std::span<const T> gradient, std::span<T> x) const {
  if (!detail::count_step(state, gradient)) return;
  const T rate = detail::rate_now<T>(learning_rate, state.step);
  const T eps = static_cast<T>(epsilon);
  const detail::Decay<T> second(rho);
  detail::update_each(state, gradient, x, [=](T g, T& x_i, T& v) {
    v = second.mean_square(v, g);
    x_i -= rate * g / (std::sqrt(v) + eps);
  });
}

template RMSProp::State<float> RMSProp::init(std::size_t) const;
template RMSProp::State<double> RMSProp::init(std::size_t) const;
template void RMSProp::update(State<float>&, std::span<const float>, std::span<float>) const;
template void RMSProp::update(State<double>&, std::span<const double>, std::span<double>) const;

}  // namespace costate
