#include <costate/optimizers/detail/first_order.hpp>
#include <costate/optimizers/radam.hpp>

namespace costate {
namespace {

/// r after t steps; 0 where the running square rests on too few
double rectification(double beta2, std::uint64_t t) {
  const double limit = 2 / (1 - beta2) - 1;
  const double steps = static_cast<double>(t);
  const double rho = limit - 2 * steps * std::pow(beta2, steps) * detail::unbias(beta2, t);
  if (!(rho > 5)) return 0;
  return std::sqrt((rho - 4) * (rho - 2) * limit / ((limit - 4) * (limit - 2) * rho));
}

}  // namespace

template <class T>
RAdam::State<T> RAdam::init(std::size_t size) const {
  detail::check_adam(*this);
  return State<T>(size);
}

template <class T>
void RAdam::update(State<T>& state, std::span<const T> gradient, std::span<T> x) const {
  if (!detail::count_step(state, gradient)) return;
  const T rate = detail::rate_now<T>(learning_rate, state.step);
  const T to_mean = static_cast<T>(detail::unbias(beta1, state.step));
  const T to_square = static_cast<T>(detail::unbias(beta2, state.step));
  const T eps = static_cast<T>(epsilon);
  const detail::Decay<T> first(beta1), second(beta2);
  const double r = rectification(beta2, state.step);
  if (r == 0) {
    return detail::update_each(state, gradient, x, [=](T g, T& x_i, T& m, T& v) {
      m = first.mean(m, g);
      v = second.mean_square(v, g);
      x_i -= rate * to_mean * m;
    });
  }
  const T rectified = static_cast<T>(static_cast<double>(rate) * r);
  detail::update_each(state, gradient, x, [=](T g, T& x_i, T& m, T& v) {
    m = first.mean(m, g);
    v = second.mean_square(v, g);
    x_i -= rectified * (to_mean * m) / (std::sqrt(v * to_square) + eps);
  });
}

template RAdam::State<float> RAdam::init(std::size_t) const;
template RAdam::State<double> RAdam::init(std::size_t) const;
template void RAdam::update(State<float>&, std::span<const float>, std::span<float>) const;
template void RAdam::update(State<double>&, std::span<const double>, std::span<double>) const;

}  // namespace costate
