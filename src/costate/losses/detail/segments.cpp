#include <costate/core/errors.hpp>
#include <costate/losses/detail/segments.hpp>

#include <cmath>
#include <string>

namespace costate::detail {

std::vector<std::pair<std::size_t, std::size_t>> group_ranges(std::size_t count, std::size_t size) {
  if (size < 2 || size > count)
    reject("multiple_shooting: group_size", "2 to " + std::to_string(count) + " points",
           std::to_string(size));
  std::vector<std::pair<std::size_t, std::size_t>> ranges;
  for (std::size_t first = 0; first + 1 < count; first += size - 1)
    ranges.emplace_back(first, first + size <= count ? first + size - 1 : count - 1);
  return ranges;
}

namespace {

/// The component at the observation nearest to number i that is not missing; NaN where there is none.
double nearest(const Matrix<double>& values, std::size_t component, std::size_t i) {
  for (std::size_t away = 0; away < values.cols(); ++away) {
    if (i >= away && !std::isnan(values(component, i - away))) return values(component, i - away);
    if (i + away < values.cols() && !std::isnan(values(component, i + away)))
      return values(component, i + away);
  }
  return values(component, i);
}

}  // namespace

std::vector<Segment> segments_of(const Observations& seen, std::size_t components, const Cut& cut,
                                 bool once) {
  check("multiple_shooting", seen.t, seen.values);
  if (seen.values.rows() != components)
    reject_size("multiple_shooting: components of the observations", components, seen.values.rows());
  const std::size_t count = seen.t.size();
  Buffer<double> weights;
  if (once || !cut.weights.values().empty())
    spread(cut.weights, "multiple_shooting", components * count, components, weights);

  std::vector<Segment> result;
  for (const auto& [first, last] : group_ranges(count, cut.group_size)) {
    Segment segment;
    segment.t.assign(seen.t.begin() + static_cast<std::ptrdiff_t>(first),
                     seen.t.begin() + static_cast<std::ptrdiff_t>(last + 1));
    for (std::size_t j = 0; j < components; ++j) {
      const double start = once ? nearest(seen.values, j, first) : seen.values(j, first);
      if (!std::isfinite(start))
        reject("multiple_shooting: observed",
               once ? "a number for component " + std::to_string(j)
                    : "a whole state where a piece begins (or free states)",
               to_text(start) + " at t = " + to_text(seen.t[first]));
      segment.start.push_back(start);
    }
    const std::size_t from = first * components, size = (last + 1 - first) * components;
    segment.target = Vector<double>(VectorView<const double>(seen.values.data() + from, size));
    if (!weights.empty()) {
      Vector<double> own(VectorView<const double>(weights.data() + from, size));
      for (std::size_t j = 0; once && last + 1 < count && j < components; ++j) own[size - 1 - j] = 0;
      segment.weights = Weights(own);
    }
    result.push_back(std::move(segment));
  }
  return result;
}

}  // namespace costate::detail
