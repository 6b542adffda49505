#include <costate/optimizers/adadelta.hpp>
#include <costate/optimizers/detail/first_order.hpp>

namespace costate {

template <class T>
AdaDelta::State<T> AdaDelta::init(std::size_t size) const {
  detail::check_rate("AdaDelta.learning_rate", learning_rate);
  detail::check_decay("AdaDelta.rho", rho);
  detail::check_epsilon("AdaDelta.epsilon", epsilon);
  return State<T>(size);
}

template <class T>
void AdaDelta::update(State<T>& state, std::span<const T> gradient, std::span<T> x) const {
  if (!detail::count_step(state, gradient)) return;
  const T rate = detail::rate_now<T>(learning_rate, state.step);
  const T eps = static_cast<T>(epsilon);
  const detail::Decay<T> second(rho);
  detail::update_each(state, gradient, x, [=](T g, T& x_i, T& v, T& u) {
    v = second.mean_square(v, g);
    const T d = -g * (std::sqrt(u + eps) / std::sqrt(v + eps));
    u = second.mean_square(u, d);
    x_i += rate * d;
  });
}

template AdaDelta::State<float> AdaDelta::init(std::size_t) const;
template AdaDelta::State<double> AdaDelta::init(std::size_t) const;
template void AdaDelta::update(State<float>&, std::span<const float>, std::span<float>) const;
template void AdaDelta::update(State<double>&, std::span<const double>, std::span<double>) const;

}  // namespace costate
