#include <costate/core/errors.hpp>
#include <costate/optimizers/krylov_trust_region.hpp>
#include <costate/optimizers/line_search.hpp>

#include <algorithm>
#include <cmath>
#include <limits>

namespace costate {
namespace {

/// The t ≥ 0 with |s + t p| = radius, for |s| ≤ radius.
template <class T>
double to_boundary(std::span<const double> s, std::span<const T> p, double radius) {
  double ss = 0, sp = 0, pp = 0;
  for (std::size_t i = 0; i < s.size(); ++i) {
    const double pi = static_cast<double>(p[i]);
    ss += s[i] * s[i], sp += s[i] * pi, pp += pi * pi;
  }
  const double left = std::max(0.0, radius * radius - ss), root = std::sqrt(sp * sp + pp * left);
  return sp > 0 ? left / (sp + root) : (root - sp) / pp;
}

template <class T>
void advance(std::span<double> s, double t, std::span<const T> p) {
  for (std::size_t i = 0; i < s.size(); ++i) s[i] += t * static_cast<double>(p[i]);
}

/// Conjugate gradients out to the radius; the legs are kept. False: a product is not finite.
template <class T>
bool find_path(KrylovTrustRegion::State<T>& state, const HessianProductObjective<T>& objective,
               const Iterate<T>& current, double radius, double tolerance, std::size_t most) {
  const std::size_t n = current.x.size();
  state.legs.clear();
  state.directions.clear();
  state.end.assign(n, 0);
  for (std::size_t i = 0; i < n; ++i) {
    state.residual[i] = static_cast<double>(current.gradient[i]);
    state.direction[i] = -current.gradient[i];
  }
  double rr = detail::inner_product<double>(state.residual, state.residual);
  while (state.legs.size() < most && std::sqrt(rr) > tolerance) {
    const std::span<const T> p = state.direction;
    objective.product(current.x, p, state.product);
    if (!std::isfinite(detail::max_norm<T>(state.product))) return false;
    const double curvature = detail::inner_product<T>(p, state.product);
    const double alpha = curvature > 0 ? rr / curvature : std::numeric_limits<double>::infinity();
    double slope = 0;
    for (std::size_t i = 0; i < n; ++i) slope += state.residual[i] * static_cast<double>(p[i]);
    state.legs.push_back({alpha, slope, curvature});
    state.directions.insert(state.directions.end(), p.begin(), p.end());
    if (!(alpha < to_boundary<T>(state.end, p, radius))) break;
    advance<T>(state.end, alpha, p);
    advance<T>(state.residual, alpha, state.product);
    const double next = detail::inner_product<double>(state.residual, state.residual), beta = next / rr;
    for (std::size_t i = 0; i < n; ++i)
      state.direction[i] = static_cast<T>(beta * static_cast<double>(p[i]) - state.residual[i]);
    rr = next;
  }
  return true;
}

/// The path as far as the radius, and the fall of the model there.
template <class T>
double follow_path(const KrylovTrustRegion::State<T>& state, double radius, std::span<double> step) {
  std::fill(step.begin(), step.end(), 0.0);
  double fall = 0;
  for (std::size_t k = 0; k < state.legs.size(); ++k) {
    const KrylovTrustRegion::Leg& leg = state.legs[k];
    const std::span<const T> p(state.directions.data() + k * step.size(), step.size());
    const double limit = to_boundary<T>(step, p, radius), t = std::min(leg.length, limit);
    advance<T>(step, t, p);
    fall -= t * leg.slope + t * t * leg.curvature / 2;
    if (t == limit) break;
  }
  return fall;
}

}  // namespace

template <class T>
KrylovTrustRegion::State<T> KrylovTrustRegion::init(std::size_t size) const {
  detail::check(name, {initial_radius, gradient_tolerance, flatness});
  if (!(forcing > 0 && forcing < 1))
    detail::reject("KrylovTrustRegion.forcing", "a number in (0, 1)", forcing);
  State<T> state;
  state.region = detail::TrustRegionState<T>(size);
  state.product.resize(size);
  state.direction.resize(size);
  state.residual.resize(size);
  state.end.resize(size);
  return state;
}

template <class T>
StepResult KrylovTrustRegion::iterate(State<T>& state, const HessianProductObjective<T>& objective,
                                      Iterate<T>& current) const {
  const double g = std::sqrt(detail::inner_product<T>(current.gradient, current.gradient));
  if (state.first_gradient == 0) state.first_gradient = g;
  const double tolerance = std::min(forcing, std::sqrt(g / state.first_gradient)) * g;
  const std::size_t most = max_products > 0 ? max_products : 2 * current.x.size();
  bool known = false, finite = true;
  const auto propose = [&](double radius, std::span<double> step) {
    if (!known) finite = find_path(state, objective, current, radius, tolerance, most);
    known = true;
    return finite ? follow_path(state, radius, step) : std::numeric_limits<double>::quiet_NaN();
  };
  return detail::trust_region_iterate<T>(state.region, {initial_radius, gradient_tolerance, flatness},
                                         objective.first_order, current, propose);
}

template KrylovTrustRegion::State<float> KrylovTrustRegion::init(std::size_t) const;
template KrylovTrustRegion::State<double> KrylovTrustRegion::init(std::size_t) const;
template StepResult KrylovTrustRegion::iterate(State<float>&, const HessianProductObjective<float>&,
                                               Iterate<float>&) const;
template StepResult KrylovTrustRegion::iterate(State<double>&, const HessianProductObjective<double>&,
                                               Iterate<double>&) const;

}  // namespace costate
