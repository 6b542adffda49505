#include <costate/optimizers/detail/first_order.hpp>
#include <costate/optimizers/sgd.hpp>

namespace costate {

template <class T>
SGD::State<T> SGD::init(std::size_t size) const {
  detail::check_rate("SGD.learning_rate", learning_rate);
  return State<T>(size);
}

template <class T>
void SGD::update(State<T>& state, std::span<const T> gradient, std::span<T> x) const {
  if (!detail::count_step(state, gradient)) return;
  const T rate = detail::rate_now<T>(learning_rate, state.step);
  detail::update_each(state, gradient, x, [=](T g, T& x_i) { x_i -= rate * g; });
}

template SGD::State<float> SGD::init(std::size_t) const;
template SGD::State<double> SGD::init(std::size_t) const;
template void SGD::update(State<float>&, std::span<const float>, std::span<float>) const;
template void SGD::update(State<double>&, std::span<const double>, std::span<double>) const;

}  // namespace costate
