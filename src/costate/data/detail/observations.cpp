#include <costate/data/detail/observations.hpp>

#include <cmath>

namespace costate::detail {

void check(const char* what, std::span<const double> t, const Matrix<double>& values) {
  const std::string name(what);
  if (t.size() != values.cols()) reject_size(name + ": times", values.cols(), t.size());
  if (t.size() < 2) reject(name + ": times", "at least 2", std::to_string(t.size()));
  for (std::size_t i = 0; i < t.size(); ++i) {
    if (!std::isfinite(t[i])) reject(name + ": times", "finite numbers", t[i]);
    if (i > 0 && !(t[i] > t[i - 1]))
      reject(name + ": times", "ascending ones", to_text(t[i]) + " after " + to_text(t[i - 1]));
  }
}

}  // namespace costate::detail
