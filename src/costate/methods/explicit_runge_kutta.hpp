#pragma once

#include <array>
#include <cmath>
#include <cstddef>
#include <type_traits>
#include <utility>

#include <costate/core/math.hpp>
#include <costate/core/memory_pool.hpp>
#include <costate/core/scalar.hpp>
#include <costate/core/vector.hpp>
#include <costate/methods/explicit_tableau.hpp>

namespace costate {

/// A method that is an explicit Runge–Kutta table.
template <class M>
concept ExplicitRungeKuttaMethod = requires {
  M::tableau.order;
  M::tableau.b;
  M::controller;
};

namespace detail {

/// The engine and the pullback of the family that a method belongs to. A family specialises it for its methods.
template <class Method>
struct MethodFamily;

/// Unrolls f(0) … f(K − 1) with compile-time indices.
template <std::size_t K, class F>
[[gnu::always_inline]] inline void unroll(F&& f) {
  [&]<std::size_t... I>(std::index_sequence<I...>) __attribute__((always_inline)) {
    (f(std::integral_constant<std::size_t, I>{}), ...);
  }
  (std::make_index_sequence<K>{});
}

/// The scaled error of a step, squared: mean((errᵢ / (abstol + max(|uᵢ|, |u₊ᵢ|) reltol))²).
template <class Real>
struct ErrorScale {
  Real abstol{}, reltol{};
  Buffer<Real> abstols, reltols;  // one per component, or empty
};

/// The engine of all explicit Runge–Kutta methods: one step, its dense output and its error, over the table of the method.
///
/// Stage inputs are written to a slot of `slot_vectors` vectors, which begins with the state: what the pullback needs.
/// Rhs is called as rhs(const T* u, Time t, T* du). Time is double, or the scalar T where the ends of the span are differentiated.
template <ExplicitRungeKuttaMethod Method, class Rhs, class T, std::size_t N, class Time = double>
class ExplicitRungeKutta {
 public:
  using StateScalar = T;
  using TimeScalar = Time;
  using Real = base_t<T>;
  static constexpr const auto& table = Method::tableau;
  static constexpr std::size_t stages = std::remove_cvref_t<decltype(table)>::stages;
  static constexpr std::size_t extra = std::remove_cvref_t<decltype(table)>::extra;
  static constexpr std::size_t degree = std::remove_cvref_t<decltype(table)>::degree;
  static constexpr bool fsal = table.fsal;
  static constexpr int order = table.order;
  static constexpr bool has_error_estimate = table.embedded_order > 0;
  static constexpr int error_order = has_error_estimate ? (table.embedded_order < order ? table.embedded_order : order) : order;
  static constexpr std::size_t slot_vectors = stages + extra;
  /// Evaluations of f: in a tried step, for its dense output, and whether accepting it costs one.
  static constexpr std::size_t evaluations_in_step = stages - 1;
  static constexpr std::size_t evaluations_for_dense = extra;
  static constexpr bool evaluates_at_accept = !fsal;

  ExplicitRungeKutta(Rhs rhs, std::size_t n) : rhs_(std::move(rhs)), n_(n), next_(zeros<T, N>(n)) {
    for (auto& k : k_) k = zeros<T, N>(n);
  }

  std::size_t size() const {
    if constexpr (N != dynamic) return N;
    else return n_;
  }
  const Rhs& rhs() const { return rhs_; }
  /// f(u, t) at the start or after a discontinuity.
  void restart(const T* u, const Time& t) { rhs_(u, t, k_[0].data()); }
  /// The first slope, as `restart` or the last step left it.
  const T* slope() const { return k_[0].data(); }
  T* slope() { return k_[0].data(); }

  /// One step from slot[0 … n) of size h; fills the inputs of the main stages.
  [[gnu::always_inline]] inline void step(T* slot, const Time& t, const Time& h) {
    const std::size_t n = size();
    unroll<stages>([&](auto I) __attribute__((always_inline)) {
      constexpr std::size_t i = I;
      if constexpr (i > 0) evaluate_stage<i>(slot, t, h);
    });
    if constexpr (fsal) {
      next_state_ = slot + (stages - 1) * n;
    } else {
      T* next = next_.data();
      for (std::size_t m = 0; m < n; ++m) next[m] = combine<stages>(slot[m], table.b, h, m);
      next_state_ = next;
    }
  }
  /// The state at the end of the step.
  const T* next_state() const { return next_state_; }

  /// The squared scaled error of the step; values only, derivatives do not steer.
  [[gnu::always_inline]] inline double error(const T* slot, const Time& h, const ErrorScale<Real>& scale) const {
    const std::size_t n = size();
    const Real step = static_cast<Real>(plain(h));
    Real total(0);
    const auto component = [&](std::size_t m, Real abstol, Real reltol) __attribute__((always_inline)) {
      Real e(0);
      unroll<stages>([&](auto J) __attribute__((always_inline)) {
        constexpr std::size_t j = J;
        if constexpr (table.e[j] != 0) e += (step * static_cast<Real>(table.e[j])) * plain(k_[j][m]);
      });
      const Real before = abs(plain(slot[m])), after = abs(plain(next_state_[m]));
      const Real scaled = e / (abstol + reltol * (before < after ? after : before));
      total += scaled * scaled;
    };
    if (scale.abstols.empty() && scale.reltols.empty()) {
      for (std::size_t m = 0; m < n; ++m) component(m, scale.abstol, scale.reltol);
    } else {
      for (std::size_t m = 0; m < n; ++m) component(m, scale.abstols[m], scale.reltols[m]);
    }
    return static_cast<double>(total) / static_cast<double>(n);
  }

  /// c₀ … c_degree with u(t + θh) = Σ c_q θ^q; evaluates the extra stages.
  [[gnu::always_inline]] inline void dense_output(T* slot, const Time& t, const Time& h, T* coefficients) {
    const std::size_t n = size();
    unroll<extra>([&](auto I) __attribute__((always_inline)) { evaluate_stage<stages + decltype(I)::value>(slot, t, h); });
    for (std::size_t m = 0; m < n; ++m) coefficients[m] = slot[m];
    unroll<degree>([&](auto Q) __attribute__((always_inline)) {
      constexpr std::size_t q = Q;
      T* c = coefficients + (q + 1) * n;
      for (std::size_t m = 0; m < n; ++m) {
        T sum(0);
        unroll<slot_vectors>([&](auto J) __attribute__((always_inline)) {
          constexpr std::size_t j = J;
          if constexpr (table.r[j][q] != 0) sum = sum + scaled(h, table.r[j][q]) * k_[j][m];
        });
        c[m] = sum;
      }
    });
  }

  /// Makes the end of the step the start of the next one: k₁ is taken over or evaluated.
  [[gnu::always_inline]] inline void accept(const T* u, const Time& t) {
    if constexpr (fsal) {
      if constexpr (N == dynamic) std::swap(k_[0], k_[stages - 1]);
      else k_[0] = k_[stages - 1];
    } else {
      rhs_(u, t, k_[0].data());
    }
  }

  /// kᵢ, for the derivatives by the step size.
  const T* stage_slope(std::size_t i) const { return k_[i].data(); }

 private:
  /// h·a in the arithmetic of the state.
  [[gnu::always_inline]] static auto scaled(const Time& h, double a) {
    if constexpr (PlainScalar<Time>) return static_cast<Real>(h * a);
    else return h * a;
  }
  // The newest slope is added last: one multiply-add from it to the next stage.
  template <std::size_t Count, class Row>
  [[gnu::always_inline]] inline T combine(const T& base, const Row& row, const Time& h, std::size_t m) const {
    T sum = base;
    unroll<Count>([&](auto J) __attribute__((always_inline)) {
      constexpr std::size_t j = J;
      if (row[j] != 0) sum = sum + scaled(h, row[j]) * k_[j][m];
    });
    return sum;
  }
  template <std::size_t I>
  [[gnu::always_inline]] inline void evaluate_stage(T* slot, const Time& t, const Time& h) {
    const std::size_t n = size();
    T* input = slot + I * n;
    const Time time = t + h * table.c[I];
    if constexpr (N != dynamic) {
      // a local copy keeps small states in registers whatever else may point into the slot
      Vector<T, N> local;
      for (std::size_t m = 0; m < n; ++m) local[m] = combine<I>(slot[m], table.a[I], h, m);
      for (std::size_t m = 0; m < n; ++m) input[m] = local[m];
      rhs_(local.data(), time, k_[I].data());
    } else {
      for (std::size_t m = 0; m < n; ++m) input[m] = combine<I>(slot[m], table.a[I], h, m);
      rhs_(input, time, k_[I].data());
    }
  }

  Rhs rhs_;
  std::size_t n_;
  std::array<Vector<T, N>, stages + extra> k_{};
  Vector<T, N> next_{};
  const T* next_state_ = nullptr;
};

/// The pullback of a step of ExplicitRungeKutta: walks recorded steps backwards.
///
/// With λ the cotangent of u₊, ĉ that of the dense coefficients and k̂₁₊ that of the slope that the next step took over:
///
///     k̂ᵢ = h (bᵢ λ + Σ_q r_iq ĉ_q + Σ_{j>i} a_ji v_j),   vᵢ = (∂f/∂u)ᵀ k̂ᵢ at stage input i,   p̂ += (∂f/∂p)ᵀ k̂ᵢ
///     λ₋ = λ + ĉ₀ + Σ vᵢ
///
/// E. Hairer, C. Lubich & G. Wanner, Geometric Numerical Integration (2006), VI.4; W. Hager, Numer. Math. 87 (2000) 247, eq. (19).
template <ExplicitRungeKuttaMethod Method, class Vjp, class T, std::size_t N>
class ExplicitRungeKuttaPullback {
  using Real = base_t<T>;
  static constexpr const auto& table = Method::tableau;
  static constexpr std::size_t stages = std::remove_cvref_t<decltype(table)>::stages;
  static constexpr std::size_t extra = std::remove_cvref_t<decltype(table)>::extra;
  static constexpr std::size_t degree = std::remove_cvref_t<decltype(table)>::degree;
  static constexpr std::size_t count = stages + extra;
  static constexpr bool fsal = table.fsal;

 public:
  ExplicitRungeKuttaPullback(Vjp& vjp, std::size_t n) : vjp_(vjp), n_(n), carry_(zeros<T, N>(n)), kbar_(zeros<T, N>(n)) {
    for (auto& v : v_) v = zeros<T, N>(n);
    start();
  }
  void start() {
    for (std::size_t m = 0; m < size(); ++m) carry_[m] = T(0);
  }

  /// lambda: in the cotangent of the state after the step, out that before it. dense: cotangents of c₀ … c_degree, or null.
  /// fresh: the step began with an evaluation of its own (the first one, and after a discontinuity).
  [[gnu::always_inline]] inline void step(const T* slot, double t, double h, T* lambda, const T* dense, bool fresh) {
    const std::size_t n = size();
    if constexpr (fsal) {
      // the last stage is f at the new state: its cotangent comes from the next step and from dense output
      if (dense != nullptr && extra > 0) pull_extra(slot, t, h, dense);
      for (std::size_t m = 0; m < n; ++m) kbar_[m] = carry_[m] + from_later<stages - 1, true>(h, dense, m, lambda);
      vjp_(slot + (stages - 1) * n, t + h, kbar_.data(), v_[stages - 1].data());
      for (std::size_t m = 0; m < n; ++m) lambda[m] = lambda[m] + v_[stages - 1][m];
    } else {
      if (dense != nullptr) pull_extra(slot, t, h, dense);
    }
    constexpr std::size_t last = fsal ? stages - 1 : stages;
    unroll<last>([&](auto R) __attribute__((always_inline)) {
      constexpr std::size_t i = last - 1 - R;
      for (std::size_t m = 0; m < n; ++m) kbar_[m] = from_later<i, false>(h, dense, m, lambda);
      if constexpr (i > 0) {
        vjp_(slot + i * n, t + h * table.c[i], kbar_.data(), v_[i].data());
      } else {
        const bool pull_now = !fsal || fresh;
        if (pull_now) vjp_(slot, t, kbar_.data(), v_[0].data());
        for (std::size_t m = 0; m < n; ++m) {
          T sum = lambda[m];
          if (dense != nullptr) sum = sum + dense[m];
          unroll<count>([&](auto J) __attribute__((always_inline)) {
            constexpr std::size_t j = J;
            if constexpr (j > 0 && j < last) sum = sum + v_[j][m];
            if constexpr (j >= stages) {
              if (dense != nullptr) sum = sum + v_[j][m];
            }
          });
          if (pull_now) sum = sum + v_[0][m];
          lambda[m] = sum;
          carry_[m] = pull_now ? T(0) : kbar_[m];
        }
      }
    });
  }

  /// The cotangent of the slope that the step pulled last took over from the step before it.
  const T* carry() const { return carry_.data(); }

 private:
  std::size_t size() const {
    if constexpr (N != dynamic) return N;
    else return n_;
  }
  /// h (bᵢ λ + Σ r ĉ + Σ_{j>i} a_ji v_j), component m. Last: stage i is the FSAL one, which only extra stages read.
  template <std::size_t I, bool Last>
  [[gnu::always_inline]] inline T from_later(double h, const T* dense, std::size_t m, const T* lambda) const {
    T sum(0);
    if (dense != nullptr) {
      unroll<degree>([&](auto Q) __attribute__((always_inline)) {
        constexpr std::size_t q = Q;
        if constexpr (table.r[I][q] != 0)
          sum = sum + static_cast<Real>(h * table.r[I][q]) * dense[(q + 1) * size() + m];
      });
      unroll<extra>([&](auto E) __attribute__((always_inline)) {
        constexpr std::size_t j = stages + E;
        if constexpr (j > I && table.a[j][I] != 0) sum = sum + static_cast<Real>(h * table.a[j][I]) * v_[j][m];
      });
    }
    if constexpr (!Last && I < stages) {
      if constexpr (table.b[I] != 0) sum = sum + static_cast<Real>(h * table.b[I]) * lambda[m];
      constexpr std::size_t last = fsal ? stages - 1 : stages;
      unroll<last>([&](auto R) __attribute__((always_inline)) {
        constexpr std::size_t j = last - 1 - R;
        if constexpr (j > I && table.a[j][I] != 0) sum = sum + static_cast<Real>(h * table.a[j][I]) * v_[j][m];
      });
    }
    return sum;
  }
  void pull_extra(const T* slot, double t, double h, const T* dense) {
    const std::size_t n = size();
    unroll<extra>([&](auto R) __attribute__((always_inline)) {
      constexpr std::size_t i = count - 1 - R;
      for (std::size_t m = 0; m < n; ++m) kbar_[m] = from_later<i, true>(h, dense, m, nullptr);
      vjp_(slot + i * n, t + h * table.c[i], kbar_.data(), v_[i].data());
    });
  }

  Vjp& vjp_;
  std::size_t n_;
  Vector<T, N> carry_, kbar_;
  std::array<Vector<T, N>, count> v_{};
};

template <ExplicitRungeKuttaMethod Method>
struct MethodFamily<Method> {
  template <class Rhs, class T, std::size_t N, class Time>
  using Step = ExplicitRungeKutta<Method, Rhs, T, N, Time>;
  template <class Vjp, class T, std::size_t N>
  using Pullback = ExplicitRungeKuttaPullback<Method, Vjp, T, N>;
};

}  // namespace detail
}  // namespace costate
