#include <costate/core/errors.hpp>
#include <costate/training/detail/box.hpp>

#include <cmath>
#include <limits>
#include <string>

namespace costate::detail {
namespace {

std::string place(const char* field, std::size_t i) {
  return std::string(field) + "[" + std::to_string(i) + "]";
}

}  // namespace

template <class T>
Box<T>::Box(const TrainOptions& options, const char* optimizer, bool takes_bounds, std::span<const T> start) {
  constexpr T infinity = std::numeric_limits<T>::infinity();
  const auto take = [&](const char* field, const std::vector<double>& from, std::vector<T>& to, T inwards) {
    if (from.empty()) return;
    if (!takes_bounds)
      reject(field, "it unset", std::string("bounds: ") + optimizer + " does not keep to any");
    if (from.size() != start.size()) reject_size(field, start.size(), from.size());
    for (std::size_t i = 0; i < from.size(); ++i) {
      if (std::isnan(from[i])) reject(place(field, i), "a number", from[i]);
      T rounded = static_cast<T>(from[i]);
      const double out = static_cast<double>(rounded) - from[i];
      if (inwards > 0 ? out < 0 : out > 0) rounded = std::nextafter(rounded, inwards);
      to.push_back(rounded);
    }
  };
  take("TrainOptions.lower", options.lower, lower_, infinity);
  take("TrainOptions.upper", options.upper, upper_, -infinity);
  for (std::size_t i = 0; i < lower_.size() && i < upper_.size(); ++i) {
    if (!(lower_[i] <= upper_[i]))
      reject(place("TrainOptions.upper", i), "a number >= lower = " + to_text(options.lower[i]),
             options.upper[i]);
  }
  for (std::size_t i = 0; i < start.size(); ++i) {
    if (bounds().clamp(i, start[i]) != start[i] && !std::isnan(start[i]))
      reject(place("train: start", i),
             "a number within its bounds [" + (lower_.empty() ? "-inf" : to_text(options.lower[i])) + ", " +
                 (upper_.empty() ? "inf" : to_text(options.upper[i])) + "]",
             static_cast<double>(start[i]));
  }
}

template class Box<float>;
template class Box<double>;

}  // namespace costate::detail
