#include <costate/optimizers/adabelief.hpp>
#include <costate/optimizers/detail/first_order.hpp>

namespace costate {

template <class T>
AdaBelief::State<T> AdaBelief::init(std::size_t size) const {
  detail::check_adam(*this);
  return State<T>(size);
}

template <class T>
void AdaBelief::update(State<T>& state, std::span<const T> gradient, std::span<T> x) const {
  if (!detail::count_step(state, gradient)) return;
  const T rate = detail::rate_now<T>(learning_rate, state.step);
  const T to_mean = static_cast<T>(detail::unbias(beta1, state.step));
  const T to_square = static_cast<T>(detail::unbias(beta2, state.step));
  const T eps = static_cast<T>(epsilon);
  const detail::Decay<T> first(beta1), second(beta2);
  detail::update_each(state, gradient, x, [=](T g, T& x_i, T& m, T& s) {
    m = first.mean(m, g);
    s = second.mean_square(s, g - m) + eps;
    x_i -= rate * (m * to_mean) / (std::sqrt(s * to_square) + eps);
  });
}

template AdaBelief::State<float> AdaBelief::init(std::size_t) const;
template AdaBelief::State<double> AdaBelief::init(std::size_t) const;
template void AdaBelief::update(State<float>&, std::span<const float>, std::span<float>) const;
template void AdaBelief::update(State<double>&, std::span<const double>, std::span<double>) const;

}  // namespace costate
