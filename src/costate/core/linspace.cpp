#include <costate/core/errors.hpp>
#include <costate/core/linspace.hpp>

namespace costate {

std::vector<double> linspace(double first, double last, std::size_t count) {
  if (count < 2) detail::reject("linspace: count", "at least 2", static_cast<double>(count));
  std::vector<double> values(count);
  for (std::size_t i = 0; i < count; ++i)
    values[i] = first + (last - first) * static_cast<double>(i) / static_cast<double>(count - 1);
  values.back() = last;
  return values;
}

}  // namespace costate
