#include <costate/core/errors.hpp>
#include <costate/optimizers/adam.hpp>

#include <algorithm>
#include <cmath>
#include <limits>

namespace costate {

template <class T>
Adam::State<T> Adam::init(std::size_t size) const {
  if (!(learning_rate > 0) || !std::isfinite(learning_rate))
    detail::reject("Adam.learning_rate", "a finite number > 0", learning_rate);
  if (!(beta1 >= 0 && beta1 < 1)) detail::reject("Adam.beta1", "a number in [0, 1)", beta1);
  if (!(beta2 >= 0 && beta2 < 1)) detail::reject("Adam.beta2", "a number in [0, 1)", beta2);
  if (!(epsilon > 0) || !std::isfinite(epsilon))
    detail::reject("Adam.epsilon", "a finite number > 0", epsilon);
  return {0, std::vector<T>(size), std::vector<T>(size)};
}

template <class T>
void Adam::update(State<T>& state, std::span<const T> gradient, std::span<T> x) const {
  // an infinite running square would freeze its component for good
  const T largest = std::sqrt(std::numeric_limits<T>::max()) / 2;
  ++state.step;
  const double t = static_cast<double>(state.step);
  const T rate = static_cast<T>(learning_rate / (1 - std::pow(beta1, t)));
  const T unbias = static_cast<T>(1 / (1 - std::pow(beta2, t)));
  const T b1 = static_cast<T>(beta1), b2 = static_cast<T>(beta2), eps = static_cast<T>(epsilon);
  const T c1 = static_cast<T>(1 - beta1), c2 = static_cast<T>(1 - beta2);
  T* const m = state.mean.data();
  T* const v = state.square.data();
  for (std::size_t i = 0; i < x.size(); ++i) {
    const T g = std::min(std::max(gradient[i], -largest), largest);
    m[i] = b1 * m[i] + c1 * g;
    v[i] = b2 * v[i] + c2 * g * g;
    x[i] -= rate * m[i] / (std::sqrt(v[i] * unbias) + eps);
  }
}

template Adam::State<float> Adam::init(std::size_t) const;
template Adam::State<double> Adam::init(std::size_t) const;
template void Adam::update(State<float>&, std::span<const float>, std::span<float>) const;
template void Adam::update(State<double>&, std::span<const double>, std::span<double>) const;

}  // namespace costate
