#include <costate/core/errors.hpp>
#include <costate/ipopt/detail/constrained_points.hpp>

#include <algorithm>
#include <cmath>
#include <limits>
#include <string>

namespace costate::detail {

ConstraintSides::ConstraintSides(const IpoptOptions& options, bool constrained) : options_(options) {
  for (const auto& [field, value] :
       {std::pair("IpoptOptions.tolerance", options.tolerance),
        std::pair("IpoptOptions.constraint_tolerance", options.constraint_tolerance)})
    if (!(value > 0) || !std::isfinite(value)) reject(field, "a finite number > 0", value);
  if (!constrained) {
    if (!options.lower.empty()) reject("IpoptOptions.lower", "it unset without constraints", "bounds");
    if (!options.upper.empty()) reject("IpoptOptions.upper", "it unset without constraints", "bounds");
    return;
  }
  if (options.lower.empty() && options.upper.empty())
    reject("IpoptOptions.lower", "bounds of the constraints, here or in IpoptOptions.upper", "none");
  constexpr double infinity = std::numeric_limits<double>::infinity();
  const auto check = [](const char* field, const std::vector<double>& side, double never) {
    for (std::size_t i = 0; i < side.size(); ++i)
      if (std::isnan(side[i]) || side[i] == never)
        reject(std::string(field) + "[" + std::to_string(i) + "]",
               never > 0 ? "a number or -inf" : "a number or inf", side[i]);
  };
  check("IpoptOptions.lower", options.lower, infinity);
  check("IpoptOptions.upper", options.upper, -infinity);
  for (std::size_t i = 0; i < std::min(options.lower.size(), options.upper.size()); ++i)
    if (options.lower[i] > options.upper[i])
      reject("IpoptOptions.upper[" + std::to_string(i) + "]",
             "a number >= lower = " + to_text(options.lower[i]), options.upper[i]);
}

void ConstraintSides::fit(std::size_t count, std::size_t free) {
  if (!options_.lower.empty() && options_.lower.size() != count)
    reject_size("IpoptOptions.lower", count, options_.lower.size());
  if (!options_.upper.empty() && options_.upper.size() != count)
    reject_size("IpoptOptions.upper", count, options_.upper.size());
  count_ = count;
  std::size_t equalities = 0;
  for (std::size_t i = 0; i < count; ++i) equalities += lower(i) == upper(i) ? 1 : 0;
  if (equalities > free)
    reject("Ipopt.constraints",
           "at most as many equalities as parameters that their bounds leave free: " + std::to_string(free),
           std::to_string(equalities));
}

double ConstraintSides::lower(std::size_t i) const {
  return options_.lower.empty() ? -std::numeric_limits<double>::infinity() : options_.lower[i];
}

double ConstraintSides::upper(std::size_t i) const {
  return options_.upper.empty() ? std::numeric_limits<double>::infinity() : options_.upper[i];
}

template <class T>
double ConstraintSides::violation(std::span<const T> c) const {
  double largest = 0;
  for (std::size_t i = 0; i < c.size(); ++i) {
    const double v = static_cast<double>(c[i]);
    largest = std::max({largest, lower(i) - v, v - upper(i)});
  }
  return largest;
}

template <class T>
ConstrainedPoints<T>::ConstrainedPoints(const ConstrainedObjective<T>& objective, const Bounds<T>& bounds,
                                        ConstraintSides& sides, double constraint_tolerance,
                                        const InterruptGuard& interrupt, std::span<const T> start)
    : objective_(objective),
      bounds_(bounds),
      sides_(sides),
      constraint_tolerance_(constraint_tolerance),
      interrupt_(interrupt),
      next_(start.size()) {
  point_.x.assign(start.begin(), start.end());
  point_.gradient.resize(start.size());
  point_.has_constraints = !objective.constraints;
}

template <class T>
template <class X>
bool ConstrainedPoints<T>::evaluate(std::span<const X> x, bool loss, bool constraints) {
  if (thrown || interrupt_.interrupted()) return false;
  for (std::size_t i = 0; i < next_.size(); ++i) next_[i] = bounds_.clamp(i, static_cast<T>(x[i]));
  if (!all_finite<T>(next_)) return false;
  if (next_ != point_.x) {
    point_.x = next_;
    point_.has_loss = false;
    point_.has_constraints = !objective_.constraints;
    point_.inside = true;
  }
  try {
    if (constraints && !point_.has_constraints) evaluate_constraints();
    if (loss && point_.inside && !point_.has_loss) evaluate_loss();
  } catch (...) {
    thrown = std::current_exception();
    return false;
  }
  return point_.inside;
}

template <class T>
void ConstrainedPoints<T>::evaluate_loss() {
  ++evaluations;
  point_.loss = objective_.loss(point_.x, point_.gradient);
  point_.has_loss = true;
  if (!is_inside<T>(point_.loss, point_.gradient)) point_.inside = false;
  judge();
}

template <class T>
void ConstrainedPoints<T>::evaluate_constraints() {
  Linearization<T>& at = point_.constraints;
  objective_.constraints(point_.x, at);
  point_.has_constraints = true;
  if (sides_.count() == 0) {
    std::size_t free = 0;
    for (std::size_t i = 0; i < point_.x.size(); ++i)
      free += bounds_.lower.empty() || bounds_.upper.empty() || bounds_.lower[i] < bounds_.upper[i] ? 1 : 0;
    sides_.fit(at.residuals.size(), free);
  }
  if (at.residuals.size() != sides_.count())
    reject_size("Ipopt.constraints: the numbers of a later call", sides_.count(), at.residuals.size());
  if (!all_finite<T>(at.residuals) || !all_finite<T>(at.jacobian)) point_.inside = false;
  point_.violation = sides_.violation<T>(at.residuals);
  judge();
}

template <class T>
void ConstrainedPoints<T>::judge() {
  if (!point_.inside || !point_.has_loss || !point_.has_constraints) return;
  const bool meets = feasible(point_), best_meets = any() && feasible(best_);
  const bool better = meets == best_meets
                          ? (meets ? point_.loss < best_.loss : !any() || point_.violation < best_.violation)
                          : meets;
  if (better) best_ = point_;
}

template class ConstrainedPoints<float>;
template class ConstrainedPoints<double>;
template bool ConstrainedPoints<float>::evaluate(std::span<const float>, bool, bool);
template bool ConstrainedPoints<float>::evaluate(std::span<const double>, bool, bool);
template bool ConstrainedPoints<double>::evaluate(std::span<const double>, bool, bool);

}  // namespace costate::detail
