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

void check_times(const std::string& field, std::span<const double> saved, std::span<const double> observed) {
  if (saved.size() != observed.size()) reject_size(field + ": times", saved.size(), observed.size());
  if (saved.empty()) return;
  const double rounding = 1e-9 * (std::abs(saved.front()) + std::abs(saved.back()));
  for (std::size_t i = 0; i < saved.size(); ++i)
    if (!(std::abs(saved[i] - observed[i]) <= rounding))
      reject(field + ": times", "those of the solution (saveat), " + to_text(saved[i]), observed[i]);
}

}  // namespace costate::detail
