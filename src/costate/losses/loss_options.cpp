#include <costate/core/errors.hpp>
#include <costate/losses/loss_options.hpp>

#include <cmath>
#include <string>

namespace costate::detail {

void spread(const Weights& weights, const char* loss, std::size_t count, std::size_t group,
            Buffer<double>& to) {
  const auto& values = weights.values();
  to.resize(count);
  if (values.empty()) {
    for (double& weight : to) weight = 1;
    return;
  }
  const std::string field = std::string(loss) + ": weights";
  if (values.size() != count && values.size() != group)
    reject(field, std::to_string(count) + " numbers, or " + std::to_string(group) + " for each state",
           std::to_string(values.size()));
  for (const double weight : values)
    if (!(weight >= 0 && std::isfinite(weight))) reject(field, "finite numbers >= 0", weight);
  for (std::size_t i = 0; i < count; ++i) to[i] = values[i % values.size()];
}

double total_weight(const Buffer<double>& weights, const char* loss) {
  double total = 0;
  for (const double weight : weights)
    if (weight != left_out) total += weight;
  if (!(total > 0))
    reject(std::string(loss) + ": weights", "at least 1 number that counts", "none: missing or of weight 0");
  return total;
}

}  // namespace costate::detail
