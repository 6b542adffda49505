#include <costate/core/errors.hpp>
#include <costate/optimizers/detail/trust_region.hpp>
#include <costate/optimizers/line_search.hpp>

#include <algorithm>
#include <cmath>
#include <limits>
#include <string>
#include <utility>

namespace costate::detail {
namespace {

double norm(std::span<const double> x) {
  return std::sqrt(inner_product<double>(x, x));
}

/// xᵀ A y
double form(std::span<const double> a, std::span<const double> x, std::span<const double> y) {
  double sum = 0;
  for (std::size_t j = 0; j < y.size(); ++j)
    sum += y[j] * inner_product<double>(a.subspan(j * x.size(), x.size()), x);
  return sum;
}

/// The point at `step` into the trial: whether it is another one.
template <class T>
bool move(const Iterate<T>& from, std::span<const double> step, Iterate<T>& trial) {
  bool moved = false;
  for (std::size_t i = 0; i < step.size(); ++i) {
    trial.x[i] = static_cast<T>(static_cast<double>(from.x[i]) + step[i]);
    moved |= trial.x[i] != from.x[i];
  }
  return moved;
}

}  // namespace

void check(const char* optimizer, const TrustRegionOptions& options) {
  const auto require = [&](const char* field, double got) {
    if (!(got >= 0) || !std::isfinite(got))
      reject(std::string(optimizer) + "." + field, "a finite number >= 0", got);
  };
  require("initial_radius", options.initial_radius);
  require("gradient_tolerance", options.gradient_tolerance);
  require("flatness", options.flatness);
}

template <class T>
StepResult trust_region_iterate(TrustRegionState<T>& state, const TrustRegionOptions& options,
                                const Objective<T>& objective, Iterate<T>& current,
                                function_ref<double(double, std::span<double>)> propose) {
  constexpr double least_gain = 1e-4, poor = 0.25, good = 0.75, shrink = 0.25, grow = 2;
  constexpr double resolution = static_cast<double>(std::numeric_limits<T>::epsilon());
  const double slope = max_norm<T>(current.gradient), loss = static_cast<double>(current.loss);
  if (slope <= options.gradient_tolerance)
    return {StepOutcome::converged, "the gradient is within gradient_tolerance"};
  if (state.radius == 0)
    state.radius = options.initial_radius > 0
                       ? options.initial_radius
                       : std::max(1.0, std::sqrt(inner_product<T>(current.x, current.x)));
  const double band = std::max(options.flatness, 8 * resolution) * std::fabs(loss);
  Iterate<T>& trial = state.trial;
  for (;;) {
    const double predicted = propose(state.radius, state.step), length = norm(state.step);
    if (!std::isfinite(predicted))
      return {StepOutcome::not_finite, "the second derivatives are not finite here"};
    if (!move<T>(current, state.step, trial))
      return {StepOutcome::stalled, "the region shrank below the resolution of the parameters"};
    bool inside = std::isfinite(max_norm<T>(trial.x));
    if (inside) {
      current.last_evaluated = false;
      trial.loss = objective.value_and_gradient(trial.x, trial.gradient);
      trial.last_evaluated = true;
      inside = is_inside<T>(trial.loss, trial.gradient);
    }
    const double fall = inside ? loss - static_cast<double>(trial.loss) : 0, gain = fall / predicted;
    // where differences of the loss drown, the gradient tells
    const bool drowned = inside && predicted <= band && std::fabs(fall) <= band;
    const bool levels = drowned && max_norm<T>(trial.gradient) <= slope / 2;
    if (!levels && !(gain >= poor)) {
      state.radius = shrink * std::min(state.radius, length);
    } else if (gain > good && length > 0.9 * state.radius) {
      state.radius = std::min(grow * state.radius, std::sqrt(std::numeric_limits<double>::max()));
    }
    if (levels || (fall > 0 && gain > least_gain)) {
      std::swap(current, trial);
      return {};
    }
    if (predicted <= resolution * std::fabs(loss))
      return {StepOutcome::stalled, "the loss can fall by no more than its rounding"};
  }
}

bool TrustRegionSubproblem::factor(std::span<const double> hessian, double shift) {
  factor_.assign(hessian.begin(), hessian.end());
  double* const l = factor_.data();
  for (std::size_t j = 0; j < n_; ++j) {
    double* const column = l + j * n_;
    column[j] += shift;
    for (std::size_t k = 0; k < j; ++k) {
      const double* const before = l + k * n_;
      const double factor = before[j];
      for (std::size_t i = j; i < n_; ++i) column[i] -= before[i] * factor;
    }
    if (!(column[j] > 0) || !std::isfinite(column[j])) return false;
    const double root = std::sqrt(column[j]);
    for (std::size_t i = j; i < n_; ++i) column[i] /= root;
  }
  return true;
}

void TrustRegionSubproblem::substitute(std::span<double> x) const {
  for (std::size_t j = 0; j < n_; ++j) {
    x[j] /= factor_[j * n_ + j];
    for (std::size_t i = j + 1; i < n_; ++i) x[i] -= factor_[j * n_ + i] * x[j];
  }
  for (std::size_t j = n_; j-- > 0;) {
    for (std::size_t i = j + 1; i < n_; ++i) x[j] -= factor_[j * n_ + i] * x[i];
    x[j] /= factor_[j * n_ + j];
  }
}

bool TrustRegionSubproblem::fill_hard_case(std::span<const double> hessian, double shift, double radius,
                                           std::span<double> step, double& lowest_shift) {
  // inverse iteration; signs that repeat in no pattern of H are unlikely to miss the null vector
  constexpr double close_enough = 0.2;
  for (std::size_t i = 0; i < n_; ++i) null_[i] = std::cos(static_cast<double>(i * i + i + 1));
  for (int sweep = 0; sweep < 4; ++sweep) {
    substitute(null_);
    const double length = norm(null_);
    for (double& z : null_) z /= length;
  }
  const double curvature = form(hessian, null_, null_) + shift;  // of H + λ I along z, |z| = 1
  lowest_shift = std::max(lowest_shift, shift - curvature);
  const double along = inner_product<double>(step, null_),
               short_of = radius * radius - inner_product<double>(step, step);
  const double root = std::sqrt(along * along + short_of);
  const double far = along > 0 ? -along - root : -along + root, tau = -short_of / far;  // the nearer root
  const double energy = form(hessian, step, step) + shift * inner_product<double>(step, step);
  if (tau * tau * curvature > close_enough * (energy + shift * radius * radius)) return false;
  for (std::size_t i = 0; i < n_; ++i) step[i] += tau * null_[i];
  return true;
}

double TrustRegionSubproblem::solve(std::span<const double> hessian, std::span<const double> gradient,
                                    double radius, std::span<double> step) {
  constexpr double close_enough = 0.1;
  constexpr int most_factorizations = 100;
  n_ = gradient.size();
  null_.resize(n_);
  work_.resize(n_);
  const double size = norm(hessian), pull = norm(gradient) / radius;
  double lowest = std::max(0.0, pull - size), highest = pull + size;
  if (!std::isfinite(highest)) return std::numeric_limits<double>::quiet_NaN();
  for (std::size_t i = 0; i < n_; ++i) lowest = std::max(lowest, -hessian[i * n_ + i]);
  const auto between = [&] {
    return std::max(std::sqrt(lowest * highest), lowest + 0.01 * (highest - lowest));
  };
  double shift = lowest;
  for (int tries = 0; tries < most_factorizations; ++tries) {
    if (!factor(hessian, shift)) {
      lowest = std::max(lowest, shift);
      shift = between();
      continue;
    }
    for (std::size_t i = 0; i < n_; ++i) step[i] = -gradient[i];
    substitute(step);
    const double length = norm(step);
    if (length <= radius && shift == 0) break;
    if (std::fabs(length - radius) <= close_enough * radius) break;
    if (length < radius) {
      highest = std::min(highest, shift);
      if (fill_hard_case(hessian, shift, radius, step, lowest)) break;
    } else {
      lowest = std::max(lowest, shift);
    }
    // d|s|/dλ = −sᵀ(H + λ I)⁻¹ s / |s|
    std::copy(step.begin(), step.end(), work_.begin());
    substitute(work_);
    const double next =
        shift + length * length / inner_product<double>(step, work_) * (length - radius) / radius;
    shift = next > lowest && next < highest ? next : between();
  }
  // a step that no factorization brought inside is cut
  const double length = norm(step), cut = length > radius ? radius / length : 1;
  for (double& s : step) s *= cut;
  return -inner_product<double>(gradient, step) - form(hessian, step, step) / 2;
}

template StepResult trust_region_iterate(TrustRegionState<float>&, const TrustRegionOptions&,
                                         const Objective<float>&, Iterate<float>&,
                                         function_ref<double(double, std::span<double>)>);
template StepResult trust_region_iterate(TrustRegionState<double>&, const TrustRegionOptions&,
                                         const Objective<double>&, Iterate<double>&,
                                         function_ref<double(double, std::span<double>)>);

}  // namespace costate::detail
