#pragma once

#include <costate/control/controller_math.hpp>
#include <costate/core/errors.hpp>
#include <costate/methods/detail/evaluate_series.hpp>
#include <costate/methods/detail/series_engine.hpp>
#include <costate/methods/detail/taylor_pullback.hpp>
#include <costate/methods/method_family.hpp>
#include <costate/methods/stability.hpp>

#include <cmath>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <string_view>
#include <type_traits>

namespace costate {

namespace detail {

/// How a step of Taylor is shortened where its end does not fit the right-hand side there; it proposes all
/// others itself.
struct TaylorControl {
  struct State {};
  static State start(int) { return {}; }
  static double accept(State, double) { return 1.0; }
  static double reject(State, double e2) {
    const double factor = short_exp2(-0.5 / 8 * short_log2(e2));
    return factor < 0.1 ? 0.1 : factor < 0.7 ? factor : 0.7;
  }
};

}  // namespace detail

/// Taylor's method: the solution as a power series around the start of each step, of any order, from the
/// right-hand side alone.
///
///     u(t + θ) = Σ_{k=0}^{order} c_k θᵏ,   c_{k+1} = [f(u, p, t)]_k / (k + 1)
///
///     solve(problem, Taylor{}, {.abstol = 1e-12, .reltol = 1e-12})
///
/// [f]_k, the k-th coefficient of f along the solution, comes from the operations of f: each has a recurrence
/// for its next coefficient. f must be generic (auto parameters, the time too) and use costate's functions.
/// The step size h makes the last two terms of the series as large as the tolerance,
///
///     h = min over k = order − 1, order of ‖c_k / (abstol + reltol |u|)‖^(−1/k)
///
/// and a step whose end does not satisfy the equation to some multiple of the tolerance (f jumped or had a
/// kink on the way) is made again shorter, from the same series. The series is the dense output. Choose it
/// for smooth problems of few states below reltol ≈ 1e-6.
///
/// order: from 2 to 40; anything else is std::invalid_argument from `solve`.
///
/// À. Jorba & M. Zou, Experimental Mathematics 14 (2005) 99–117, §3.2 (recurrences: table 1 there); Griewank
/// & Walther, Evaluating Derivatives (2008), ch. 13.
struct Taylor {
  static constexpr std::string_view name = "Taylor";
  using Controller = detail::TaylorControl;
  static constexpr detail::TaylorControl controller{};

  int order = 20;
};

namespace detail {

template <class M>
concept TaylorMethod = std::derived_from<M, Taylor>;

void check_taylor_order(int order);

/// f and p of a right-hand side bound to its parameters.
template <class Rhs>
concept BoundToParameters = requires(const Rhs& rhs) {
  rhs.f;
  rhs.p;
};
template <class Rhs>
const auto& function_in(const Rhs& rhs) {
  if constexpr (std::is_pointer_v<decltype(rhs.f)>)
    return *rhs.f;
  else
    return rhs.f;
}
template <class Rhs>
auto parameters_in(const Rhs& rhs) {
  using P = std::remove_cvref_t<decltype(rhs.p)>;
  return VectorView<const scalar_of<P>, extent_of<P>>(rhs.p.data(), rhs.p.size());
}

/// One step of Taylor. A slot holds the coefficients of the stored series in units of time, [orders] ×
/// [series], then the unit.
template <class Rhs, class T, std::size_t N, class Time = double>
class TaylorStep {
  static_assert(
      BoundToParameters<Rhs>,
      "costate::Taylor: this solve is not of the equation itself but of an adjoint of it, which Taylor "
      "cannot expand: give solve DiscreteAdjoint{} or ForwardSensitivity{} as its last argument, or "
      "another method");
  using F = std::remove_cvref_t<decltype(function_in(std::declval<const Rhs&>()))>;
  using P = decltype(parameters_in(std::declval<const Rhs&>()));
  using Engine = SeriesEngine<F, T, N, extent_of<P>, scalar_of<P>>;

 public:
  using StateScalar = T;
  using TimeScalar = Time;
  using Real = base_t<T>;
  static constexpr int order = static_cast<int>(largest_order), error_order = order;
  static constexpr bool has_error_estimate = true, evaluates_at_accept = false, proposes_steps = true,
                        reads_slot = true;
  static constexpr std::size_t evaluations_in_step = 1, evaluations_for_dense = 0;

  TaylorStep(const Taylor& method, Rhs rhs, std::size_t n)
      : rhs_(std::move(rhs)),
        n_(n),
        engine_(parameters_in(rhs_), n),
        next_(zeros<T, N>(n)),
        slope_(zeros<T, N>(n)),
        slope_at_end_(zeros<Real, N>(n)) {
    check_taylor_order(method.order);
    order_ = static_cast<std::size_t>(method.order);
    root_ = 0.5 / method.order;
    root_before_ = 0.5 / (method.order - 1);
  }
  std::size_t size() const {
    if constexpr (N != dynamic)
      return N;
    else
      return n_;
  }
  std::size_t degree() const { return order_; }
  std::size_t slot_vectors() const {
    const std::size_t n = size();
    return n == 0 ? 0 : ((order_ + 1) * engine_.width() + 1 + n - 1) / n;
  }
  const Rhs& rhs() const { return rhs_; }
  void restart(const T* u, const Time& t) {
    rhs_(u, t, slope_.data());
    expanded_ = false;
  }
  const T* slope() const { return slope_.data(); }
  T* slope() { return slope_.data(); }
  const T* next_state() const { return next_.data(); }

  [[gnu::always_inline]] inline double propose(T* slot, const Time& t, const ErrorScale<Real>& scale,
                                               double direction, double last, double longest) {
    double unit = power_of_two_below(last > 0 ? last : first_unit(slot, scale, longest));
    double size = 0;
    for (int attempt = 0; attempt < 12; ++attempt) {
      expand(slot, t, direction * unit);
      const double terms = smallest_root(slot, scale);
      size = unit * terms;
      // far from the size of the step the coefficients may leave the range of the numbers
      if (terms > 0.01 && terms < 100) [[likely]]
        break;
      if (!(terms > 0)) {
        unit *= 0x1p-12;
      } else if (size >= longest && unit * 2 > longest) {
        break;
      } else {
        unit = power_of_two_below(size < longest ? size : longest);
        if (!(unit > 0)) return 0;
      }
    }
    expanded_ = true;
    return size;
  }

  [[gnu::always_inline]] inline void step(T* slot, const Time& t, const Time& h) {
    if (!expanded_) {
      const double plain_h = static_cast<double>(plain(h));
      const double unit = power_of_two_below(std::abs(plain_h));
      expand(slot, t, plain_h < 0 ? -unit : unit);
    }
    const std::size_t n = size();
    const auto s = share(slot, h);
    const auto s2 = s * s, s4 = s2 * s2;
    if constexpr (PlainScalar<T>)
      evaluate_all<N, true>(n, slot, order_, engine_.width(), s, s2, s4, next_.data(), slope_at_end_.data());
    else
      for (std::size_t m = 0; m < n; ++m)
        next_[m] = evaluate_series(slot + m, order_, engine_.width(), s, s2, s4);
    end_ = t + h;
  }

  /// Up to |h λ| of this, λ < 0, a step damps: at most 6 % below where |Σ (h λ)ᵏ / k!| exceeds 1.
  double stability_interval() const { return 1.25 + 0.375 * static_cast<double>(order_); }
  /// |λ| of what decays fastest, at the end of the step, whose slope `error` has left; 0 where nothing does.
  double stiffness(const T*, const Time&, const Time& h, const ErrorScale<Real>& scale,
                   std::size_t& evaluations) {
    ++evaluations;
    probe_.find(rhs_, next_.data(), end_, slope_.data(), size(), static_cast<double>(plain(h)), scale);
    return probe_.rate();
  }

  /// How far the slope at the end of the step is from f there, over the size that the next terms of the
  /// series give it where f is smooth.
  [[gnu::always_inline]] inline double error(const T* slot, const Time& h, const ErrorScale<Real>& scale) {
    const std::size_t n = size();
    [[maybe_unused]] const std::size_t width = engine_.width();
    rhs_(next_.data(), end_, slope_.data());
    [[maybe_unused]] const Real s = static_cast<Real>(plain(share(slot, h)));
    const Real size_of_step = static_cast<Real>(plain(h));
    double total = 0;
    for_components<N>(
        n, [&](std::size_t m) __attribute__((always_inline)) {
          Real slope = 0;
          if constexpr (PlainScalar<T>) {
            slope = slope_at_end_[m];
          } else {
            for (std::size_t k = order_; k > 0; --k)
              slope = (slope + static_cast<Real>(k) * plain(slot[k * width + m])) * s;
          }
          const Real wanted = size_of_step * plain(slope_[m]);
          const Real difference = slope - wanted;
          const Real u = abs(plain(next_[m]));
          const Real tolerance = scale.of(m, u);
          const Real rounding = 64 * std::numeric_limits<Real>::epsilon() * (u + abs(wanted));
          const double e = static_cast<double>(difference / (allowed() * tolerance + rounding));
          total += e * e;
        });
    return total / static_cast<double>(n);
  }

  void dense_output(T* slot, const Time&, const Time& h, T* coefficients) const {
    const std::size_t n = size(), width = engine_.width();
    const auto s = share(slot, h);
    auto power = s;
    for (std::size_t m = 0; m < n; ++m) coefficients[m] = slot[m];
    for (std::size_t k = 1; k <= order_; ++k) {
      for_components<N>(
          n, [&](std::size_t m)
                 __attribute__((always_inline)) { coefficients[k * n + m] = slot[k * width + m] * power; });
      power = power * s;
    }
  }
  [[gnu::always_inline]] inline void read(const T* slot, const Time& h, double theta, T* values) const {
    const auto s = share(slot, h) * static_cast<Real>(theta);
    const auto s2 = s * s, s4 = s2 * s2;
    if constexpr (PlainScalar<T>)
      evaluate_all<N, false>(size(), slot, order_, engine_.width(), s, s2, s4, values);
    else
      for (std::size_t m = 0; m < size(); ++m)
        values[m] = evaluate_series(slot + m, order_, engine_.width(), s, s2, s4);
  }
  void accept(const T*, const Time&) { expanded_ = false; }

 private:
  Real allowed() const { return static_cast<Real>(8 * (order_ + 1)); }
  T* unit_of(T* slot) const { return slot + (order_ + 1) * engine_.width(); }
  const T* unit_of(const T* slot) const { return slot + (order_ + 1) * engine_.width(); }
  /// h in units.
  auto share(const T* slot, const Time& h) const {
    const Real unit = static_cast<Real>(plain(*unit_of(slot)));
    if constexpr (PlainScalar<Time>)
      return static_cast<Real>(h) * (1 / unit);  // a power of two: its inverse is known before h is
    else
      return Time(h / unit);
  }
  [[gnu::always_inline]] inline void expand(T* slot, const Time& t, double unit) {
    *unit_of(slot) = T(static_cast<Real>(unit));
    engine_.expand(function_in(rhs_), parameters_in(rhs_), slot, T(t), static_cast<Real>(unit), order_);
  }
  /// min over the last two terms of ‖c_k‖^(−1/k); 0 where they are no numbers.
  [[gnu::always_inline]] inline double smallest_root(const T* slot, const ErrorScale<Real>& scale) const {
    const std::size_t n = size(), width = engine_.width();
    double last = 0, before = 0;
    for_components<N>(
        n, [&](std::size_t m) __attribute__((always_inline)) {
          // known long before the last coefficients are
          const double w = 1 / static_cast<double>(scale.of(m, abs(plain(slot[m]))));
          const double x = static_cast<double>(plain(slot[order_ * width + m])) * w;
          const double y = static_cast<double>(plain(slot[(order_ - 1) * width + m])) * w;
          last += x * x;
          before += y * y;
        });
    const double inverse = 1.0 / static_cast<double>(n);
    if (!(last + before < std::numeric_limits<double>::infinity())) return 0;
    // 1e-200: no term at all asks for no limit
    const double a = short_log2(last * inverse + 1e-200) * root_;
    const double b = short_log2(before * inverse + 1e-200) * root_before_;
    return short_exp2(-(a > b ? a : b));
  }
  [[gnu::noinline]] double first_unit(const T* u, const ErrorScale<Real>& scale, double longest) const {
    double state = 0, slope = 0;
    for (std::size_t m = 0; m < size(); ++m) {
      const double w = static_cast<double>(scale.of(m, abs(plain(u[m]))));
      const double x = static_cast<double>(plain(u[m])) / w, y = static_cast<double>(plain(slope_[m])) / w;
      state += x * x, slope += y * y;
    }
    const double ratio = std::sqrt(state / slope);
    return ratio > 0 && ratio < longest ? ratio : longest;
  }

  Rhs rhs_;
  std::size_t n_, order_ = 0;
  Engine engine_;
  Vector<T, N> next_, slope_;
  Vector<Real, N> slope_at_end_;  // of the series, times h
  Time end_{};
  double root_ = 0, root_before_ = 0;
  bool expanded_ = false;
  DecayProbe<T, N> probe_;
};

template <TaylorMethod Method>
struct MethodFamily<Method> {
  template <class Rhs, class T, std::size_t N, class Time>
  using Step = TaylorStep<Rhs, T, N, Time>;
  template <class Vjp, class T, std::size_t N>
  using Pullback = TaylorPullback<Vjp, T, N>;
  template <class Vjp, class T, std::size_t N>
  using ErrorPullback = TaylorErrorPullback<Vjp, T, N>;
};

}  // namespace detail
}  // namespace costate
