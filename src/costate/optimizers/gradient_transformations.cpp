#include <costate/core/errors.hpp>
#include <costate/optimizers/detail/first_order.hpp>
#include <costate/optimizers/gradient_transformations.hpp>
#include <costate/optimizers/line_search.hpp>

namespace costate {
namespace {

void check_limit(const char* field, double limit) {
  if (!(limit > 0)) detail::reject(field, "a number > 0", limit);
}

}  // namespace

template <class T>
ClipByNorm::State<T> ClipByNorm::init(std::size_t size) const {
  check_limit("clip_by_norm.max_norm", max_norm);
  return State<T>(size);
}

template <class T>
bool ClipByNorm::transform(State<T>& state, std::span<T> gradient, std::span<const T> /*x*/) const {
  ++state.step;
  const auto length_of = [&] { return std::sqrt(detail::inner_product<T>(gradient, gradient)); };
  double length = length_of();
  if (!(length > max_norm)) return true;
  if (!std::isfinite(length)) {
    const T largest = static_cast<T>(detail::max_norm<T>(gradient));
    for (T& g : gradient) g /= largest;
    length = length_of();
  }
  const double factor = max_norm / length;
  for (T& g : gradient) g = static_cast<T>(factor * static_cast<double>(g));
  return true;
}

template <class T>
ClipByValue::State<T> ClipByValue::init(std::size_t size) const {
  check_limit("clip_by_value.max_value", max_value);
  return State<T>(size);
}

template <class T>
bool ClipByValue::transform(State<T>& state, std::span<T> gradient, std::span<const T> /*x*/) const {
  ++state.step;
  const T limit = static_cast<T>(max_value);
  for (T& g : gradient) g = std::min(std::max(g, -limit), limit);
  return true;
}

template <class T>
AddWeightDecay::State<T> AddWeightDecay::init(std::size_t size) const {
  detail::check_factor("add_weight_decay.weight_decay", weight_decay);
  return State<T>(size);
}

template <class T>
bool AddWeightDecay::transform(State<T>& state, std::span<T> gradient, std::span<const T> x) const {
  const T decay = detail::rate_now<T>(weight_decay, ++state.step);
  for (std::size_t i = 0; i < x.size(); ++i) gradient[i] += decay * x[i];
  return true;
}

template <class T>
Scale::State<T> Scale::init(std::size_t size) const {
  detail::check_factor("scale.factor", factor);
  return State<T>(size);
}

template <class T>
bool Scale::transform(State<T>& state, std::span<T> gradient, std::span<const T> /*x*/) const {
  const T by = detail::rate_now<T>(factor, ++state.step);
  for (T& g : gradient) g *= by;
  return true;
}

template <class T>
AccumulateGradients::State<T> AccumulateGradients::init(std::size_t size) const {
  if (count < 1) detail::reject("accumulate_gradients.count", "a number >= 1", static_cast<double>(count));
  return State<T>(size);
}

template <class T>
bool AccumulateGradients::transform(State<T>& state, std::span<T> gradient, std::span<const T> /*x*/) const {
  const std::uint64_t k = state.step++ % count + 1;
  std::vector<T>& mean = state.running[0];
  const T part = static_cast<T>(1 / static_cast<double>(k));
  for (std::size_t i = 0; i < gradient.size(); ++i) {
    mean[i] = k == 1 ? gradient[i] : mean[i] + (gradient[i] - mean[i]) * part;
  }
  if (k < count) return false;
  std::copy(mean.begin(), mean.end(), gradient.begin());
  return true;
}

template ClipByNorm::State<float> ClipByNorm::init(std::size_t) const;
template ClipByNorm::State<double> ClipByNorm::init(std::size_t) const;
template bool ClipByNorm::transform(State<float>&, std::span<float>, std::span<const float>) const;
template bool ClipByNorm::transform(State<double>&, std::span<double>, std::span<const double>) const;

template ClipByValue::State<float> ClipByValue::init(std::size_t) const;
template ClipByValue::State<double> ClipByValue::init(std::size_t) const;
template bool ClipByValue::transform(State<float>&, std::span<float>, std::span<const float>) const;
template bool ClipByValue::transform(State<double>&, std::span<double>, std::span<const double>) const;

template AddWeightDecay::State<float> AddWeightDecay::init(std::size_t) const;
template AddWeightDecay::State<double> AddWeightDecay::init(std::size_t) const;
template bool AddWeightDecay::transform(State<float>&, std::span<float>, std::span<const float>) const;
template bool AddWeightDecay::transform(State<double>&, std::span<double>, std::span<const double>) const;

template Scale::State<float> Scale::init(std::size_t) const;
template Scale::State<double> Scale::init(std::size_t) const;
template bool Scale::transform(State<float>&, std::span<float>, std::span<const float>) const;
template bool Scale::transform(State<double>&, std::span<double>, std::span<const double>) const;

template AccumulateGradients::State<float> AccumulateGradients::init(std::size_t) const;
template AccumulateGradients::State<double> AccumulateGradients::init(std::size_t) const;
template bool AccumulateGradients::transform(State<float>&, std::span<float>, std::span<const float>) const;
template bool AccumulateGradients::transform(State<double>&, std::span<double>,
                                             std::span<const double>) const;

}  // namespace costate
