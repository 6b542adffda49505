#include <costate/core/errors.hpp>
#include <costate/training/early_stopping.hpp>

#include <cmath>
#include <limits>
#include <string>

namespace costate::detail {

ValidationRule::ValidationRule(const char* callback, std::optional<std::size_t> every,
                               std::optional<std::size_t> patience, double min_decrease)
    : every_(every), patience_(patience), min_decrease_(min_decrease) {
  const std::string name(callback);
  if (every == std::size_t{0}) reject(name + ": every", "a number >= 1", 0.0);
  if (patience == std::size_t{0}) reject(name + ": patience", "a number >= 1", 0.0);
  if (!(min_decrease >= 0) || !std::isfinite(min_decrease))
    reject(name + ": min_decrease", "a finite number >= 0", min_decrease);
}

bool ValidationRule::due(const TrainProgress& at) const {
  return at.iteration % every_.value_or(at.batches > 0 ? at.batches : 10) == 0;
}

bool ValidationRule::ends(const TrainProgress& at) const {
  if (!patience_) return false;
  double lowest = std::numeric_limits<double>::infinity();
  std::size_t since = 0;
  const auto take = [&](double loss) {
    const bool lower = loss < lowest - min_decrease_;
    since = lower ? 0 : since + 1;
    if (lower) lowest = loss;
  };
  for (const Validation& before : at.validations) take(before.loss);
  take(*at.validation);
  return since >= *patience_;
}

}  // namespace costate::detail
