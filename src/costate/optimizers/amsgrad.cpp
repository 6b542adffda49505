#include <costate/optimizers/amsgrad.hpp>
#include <costate/optimizers/detail/first_order.hpp>

namespace costate {

template <class T>
AMSGrad::State<T> AMSGrad::init(std::size_t size) const {
  detail::check_adam(*this);
  return State<T>(size);
}

template <class T>
void AMSGrad::update(State<T>& state, std::span<const T> gradient, std::span<T> x) const {
  if (!detail::count_step(state, gradient)) return;
  const T rate = detail::rate_now<T>(learning_rate, state.step);
  const T eps = static_cast<T>(epsilon);
  const detail::Decay<T> first(beta1), second(beta2);
  detail::update_each(state, gradient, x, [=](T g, T& x_i, T& m, T& v, T& w) {
    m = first.mean(m, g);
    v = second.mean_square(v, g);
    w = std::max(w, v);
    x_i -= rate * m / (std::sqrt(w) + eps);
  });
}

template AMSGrad::State<float> AMSGrad::init(std::size_t) const;
template AMSGrad::State<double> AMSGrad::init(std::size_t) const;
template void AMSGrad::update(State<float>&, std::span<const float>, std::span<float>) const;
template void AMSGrad::update(State<double>&, std::span<const double>, std::span<double>) const;

}  // namespace costate
