#include <costate/optimizers/line_search.hpp>

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

namespace costate::detail {
namespace {

/// φ and φ' at a step
struct Sample {
  double step = 0, value = 0, slope = 0;
  bool finite = true;
};

/// The bracket (lo, hi): at lo φ' < 0 and φ has fallen enough or is flat; at hi φ' ≥ 0, or φ is too high, or
/// not finite.
class Bracket {
 public:
  Bracket(const Sample& start, double band) : lo_(start), before_(start), band_(band) {}

  void add(const Sample& s, bool too_high) {
    const double width = hi_.step - lo_.step;
    if (!s.finite || too_high || s.value > lo_.value + band_ || s.slope >= 0) {
      shrinks_well_ = !closed_ || s.step - lo_.step <= 0.66 * width;
      hi_ = s;
      closed_ = true;
    } else {
      shrinks_well_ = !closed_ || hi_.step - s.step <= 0.66 * width;
      before_ = lo_;
      lo_ = s;
    }
  }

  double next() const {
    if (!closed_) return grown();
    const double width = hi_.step - lo_.step;
    // the first finite point may be orders of magnitude below a failed solve
    if (!hi_.finite) return lo_.step == 0 ? 0.1 * hi_.step : lo_.step + 0.5 * width;
    if (!shrinks_well_) return lo_.step + 0.5 * width;
    double step = std::fabs(hi_.value - lo_.value) > band_ ? cubic_minimum() : secant();
    if (!std::isfinite(step)) step = lo_.step + 0.5 * width;
    return std::clamp(step, lo_.step + 0.1 * width, hi_.step - 0.1 * width);
  }

  bool closed() const { return closed_; }
  const Sample& lo() const { return lo_; }
  const Sample& hi() const { return hi_; }

 private:
  double grown() const {
    const double bend = lo_.slope - before_.slope;
    const double step = bend > 0 ? lo_.step - lo_.slope * (lo_.step - before_.step) / bend : 10 * lo_.step;
    return std::clamp(step, 2 * lo_.step, 10 * lo_.step);
  }
  double secant() const { return lo_.step - lo_.slope * (hi_.step - lo_.step) / (hi_.slope - lo_.slope); }
  double cubic_minimum() const {
    const double width = hi_.step - lo_.step;
    const double d1 = lo_.slope + hi_.slope - 3 * (hi_.value - lo_.value) / width;
    const double d2 = std::sqrt(d1 * d1 - lo_.slope * hi_.slope);
    return hi_.step - width * (hi_.slope + d2 - d1) / (hi_.slope - lo_.slope + 2 * d2);
  }

  Sample lo_, hi_, before_;
  double band_;
  bool closed_ = false;
  bool shrinks_well_ = true;
};

enum class Displacement { none, finite, overflow };

/// What the projected line P(x + a d) does at a step.
struct Movement {
  Displacement displacement = Displacement::none;
  bool bent = false;  ///< a component stands at its bound
  double fall = 0;    ///< gᵀ(P(x + a d) − x)
};

/// The point at `step` into `trial`.
template <class T>
Movement move(const Iterate<T>& from, std::span<const T> direction, double step, const Bounds<T>& bounds,
              Iterate<T>& trial) {
  Movement movement;
  bool moved = false, finite = true;
  for (std::size_t i = 0; i < direction.size(); ++i) {
    const T to = static_cast<T>(static_cast<double>(from.x[i]) + step * static_cast<double>(direction[i]));
    trial.x[i] = bounds.clamp(i, to);
    movement.bent |= trial.x[i] != to;
    moved |= trial.x[i] != from.x[i];
    finite &= std::isfinite(trial.x[i]);
  }
  movement.displacement = !finite ? Displacement::overflow
                          : moved ? Displacement::finite
                                  : Displacement::none;
  if (movement.bent)
    for (std::size_t i = 0; i < direction.size(); ++i)
      movement.fall += static_cast<double>(from.gradient[i]) *
                       (static_cast<double>(trial.x[i]) - static_cast<double>(from.x[i]));
  return movement;
}

/// dφ/da to the right: components that stand at their bound and would leave it do not move.
template <class T>
double slope_at(const Iterate<T>& point, std::span<const T> direction, const Bounds<T>& bounds) {
  double slope = inner_product<T>(point.gradient, direction);
  if (!bounds.any()) return slope;
  for (std::size_t i = 0; i < direction.size(); ++i)
    if (bounds.blocks(i, point.x[i], direction[i]))
      slope -= static_cast<double>(point.gradient[i]) * static_cast<double>(direction[i]);
  return slope;
}

}  // namespace

template <class T>
double inner_product(std::span<const T> a, std::span<const T> b) {
  // four sums: shorter chains of additions, and a quarter of the rounding
  double sum[4] = {};
  std::size_t i = 0;
  for (; i + 4 <= a.size(); i += 4) {
    for (std::size_t k = 0; k < 4; ++k)
      sum[k] += static_cast<double>(a[i + k]) * static_cast<double>(b[i + k]);
  }
  for (; i < a.size(); ++i) sum[0] += static_cast<double>(a[i]) * static_cast<double>(b[i]);
  return (sum[0] + sum[1]) + (sum[2] + sum[3]);
}

template <class T>
LineSearchResult line_search(const LineSearch& rule, const Objective<T>& objective, const Iterate<T>& from,
                             std::span<const T> direction, double first_step,
                             LineSearchWorkspace<T>& workspace) {
  constexpr double resolution = static_cast<double>(std::numeric_limits<T>::epsilon());
  Iterate<T>& trial = workspace.trial;
  Iterate<T>& best = workspace.best;
  const double f0 = static_cast<double>(from.loss);
  const Bounds<T>& bounds = objective.bounds;
  const double slope0 = slope_at(from, direction, bounds);
  const double band = std::max(rule.flatness, 8 * resolution) * std::fabs(f0);
  if (!(slope0 < 0) || !std::isfinite(slope0)) return {.reason = "the direction is not one of descent"};

  LineSearchResult result{.reason = "every point on the line is outside"};
  bool found = false, best_is_last = false;
  Bracket bracket({.step = 0, .value = f0, .slope = slope0}, band);
  for (double step = first_step; result.evaluations < rule.max_evaluations; step = bracket.next()) {
    const Movement movement = move(from, direction, step, bounds, trial);
    if (movement.displacement == Displacement::none) {
      result.reason = "the step fell below the resolution of the parameters";
      break;
    }
    ++result.evaluations;
    Sample s{.step = step, .finite = false};
    bool too_high = false;
    if (movement.displacement == Displacement::finite) {
      trial.loss = objective.value_and_gradient(trial.x, trial.gradient);
      s.value = static_cast<double>(trial.loss);
      s.finite = is_inside<T>(trial.loss, trial.gradient);
      best_is_last = false;
    }
    if (s.finite) {
      s.slope = slope_at(trial, direction, bounds);
      const double fall = movement.bent ? std::min(movement.fall, 0.0) : step * slope0;
      const bool falls = s.value <= f0 + rule.sufficient_decrease * fall,
                 flat = std::fabs(s.value - f0) <= band;
      // beyond a bend the slope may jump past zero, and then no point is flat enough for the strong condition
      const bool level = movement.bent ? s.slope >= rule.curvature * slope0 && s.value < f0
                                       : std::fabs(s.slope) <= -rule.curvature * slope0;
      const bool accepted =
          (falls && level) || (flat && rule.curvature * slope0 <= s.slope && s.slope <= -0.8 * slope0);
      too_high = !falls && !flat;
      if (accepted || (s.value < f0 && (!found || trial.loss < best.loss))) {
        std::swap(trial, best);
        result.step = step;
        found = best_is_last = true;
      }
      if (accepted) {
        result.outcome = LineSearchOutcome::wolfe;
        best.last_evaluated = true;
        return result;
      }
      result.reason = "no point on the line has a lower loss";
    }
    bracket.add(s, too_high);
    if (!bracket.closed()) continue;
    const double lo = bracket.lo().step, hi = bracket.hi().step;
    // a wall is located well enough once the best point stands just before it
    if (found && !bracket.hi().finite && hi - lo <= 0.25 * lo) break;
    if (hi - lo <= 4 * resolution * hi || -slope0 * hi <= 0.1 * resolution * std::fabs(f0)) break;
  }
  if (!found) return {.evaluations = result.evaluations, .reason = result.reason};
  result.outcome = LineSearchOutcome::decrease;
  best.last_evaluated = best_is_last;
  return result;
}

template LineSearchResult line_search(const LineSearch&, const Objective<float>&, const Iterate<float>&,
                                      std::span<const float>, double, LineSearchWorkspace<float>&);
template LineSearchResult line_search(const LineSearch&, const Objective<double>&, const Iterate<double>&,
                                      std::span<const double>, double, LineSearchWorkspace<double>&);
template double inner_product(std::span<const float>, std::span<const float>);
template double inner_product(std::span<const double>, std::span<const double>);

}  // namespace costate::detail
