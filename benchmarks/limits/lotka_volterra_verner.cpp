// Lotka–Volterra by Verner's pairs, specialised by hand: both components in one register, stages kept as h f,
// every coefficient in its instruction.
#include "lotka_volterra_verner.hpp"

#include <costate/methods/vern7.hpp>
#include <costate/methods/vern9.hpp>

#include <algorithm>
#include <cmath>
#include <type_traits>
#include <utility>

#include "step_control.hpp"

#pragma GCC diagnostic ignored "-Wpedantic"
#pragma GCC diagnostic ignored "-Wpsabi"
#pragma GCC diagnostic ignored "-Wignored-attributes"

#define FORCE_INLINE [[gnu::always_inline]] inline
#define LAMBDA_INLINE __attribute__((always_inline))

namespace limits {
namespace {

typedef double v2 __attribute__((vector_size(16)));
typedef double v8 __attribute__((vector_size(64)));
constexpr int saves = int(lotka_volterra_saved) / 2;
constexpr double t_end = 10.0, spacing = 0.1;

FORCE_INLINE v2 swapped(v2 v) {
  return __builtin_shufflevector(v, v, 1, 0);
}
FORCE_INLINE v2 absolute(v2 v) {
  return (v2)_mm_andnot_pd(_mm_set1_pd(-0.0), (__m128d)v);
}
FORCE_INLINE v2 larger(v2 a, v2 b) {
  return (v2)_mm_max_pd((__m128d)a, (__m128d)b);
}
FORCE_INLINE double sum_of(v2 v) {
  return v[0] + v[1];
}
FORCE_INLINE v2 load(const double* from) {
  return (v2)_mm_loadu_pd(from);
}
FORCE_INLINE void store(double* to, v2 v) {
  _mm_storeu_pd(to, (__m128d)v);
}

/// f(u) = u · slope(u)
struct Model {
  v2 c0, c1;
  explicit Model(const std::array<double, 4>& p) : c0{p[0], -p[2]}, c1{-p[1], p[3]} {}
  FORCE_INLINE v2 slope(v2 u) const { return c0 + c1 * swapped(u); }
};

/// The table of the method by rows of `a`, and its interpolant by powers.
template <class Method>
struct Table {
  static constexpr auto& table = Method::tableau;
  static constexpr int S = int(table.c.size()) - int(std::remove_cvref_t<decltype(table)>::extra);
  static constexpr int T = int(table.c.size()), P = int(table.r[0].size()), padded = (T + 7) / 8 * 8;
  struct alignas(64) Powers {
    double of[P][padded];
  };
  static constexpr Powers r = [] {
    Powers powers{};
    for (int j = 0; j < T; ++j)
      for (int q = 0; q < P; ++q) powers.of[q][j] = table.r[std::size_t(j)][std::size_t(q)];
    return powers;
  }();
  static constexpr bool is_used(int j) {
    for (int q = 0; q < P; ++q)
      if (r.of[q][j] != 0) return true;
    return false;
  }
  enum Row { new_state, estimate, stage };
  template <Row R, int I>
  static constexpr double at(int j) {
    const auto k = std::size_t(j);
    return R == new_state ? table.b[k] : R == estimate ? table.e[k] : table.a[I][k];
  }
  /// u + Σ row[j] k[j], j < End, the newest last
  template <Row R, int I, int End, int J = 0>
  FORCE_INLINE static v2 sum(v2 u, const v2* k) {
    if constexpr (J == End)
      return u;
    else if constexpr (at<R, I>(J) == 0)
      return sum<R, I, End, J + 1>(u, k);
    else
      return sum<R, I, End, J + 1>(u + at<R, I>(J) * k[J], k);
  }
  template <int J = 0>
  FORCE_INLINE static v2 dense(v2 u, const double* w, const v2* k) {
    if constexpr (J == T)
      return u;
    else if constexpr (!is_used(J))
      return dense<J + 1>(u, w, k);
    else
      return dense<J + 1>(u + w[J] * k[J], w, k);
  }
  FORCE_INLINE static void dense_weights(double theta, double* w) {
    const v8 t = {theta, theta, theta, theta, theta, theta, theta, theta};
    for (int l = 0; l < padded; l += 8) {
      v8 s = *(const v8*)(r.of[P - 1] + l);
      for (int q = P - 2; q >= 0; --q) s = s * t + *(const v8*)(r.of[q] + l);
      *(v8*)(w + l) = s * t;
    }
  }
  /// k̂ + Σ a[i][J] v[i], i = High … Low
  template <int Low, int High, int J>
  FORCE_INLINE static v2 later(v2 k, const v2* v) {
    if constexpr (High < Low)
      return k;
    else if constexpr (table.a[std::size_t(High)][std::size_t(J)] == 0)
      return later<Low, High - 1, J>(k, v);
    else
      return later<Low, High - 1, J>(k + table.a[std::size_t(High)][std::size_t(J)] * v[High], v);
  }
};

template <int From, int To, class F>
FORCE_INLINE void each(F&& f) {
  [&]<int... I>(std::integer_sequence<int, I...>) LAMBDA_INLINE {
    (f(std::integral_constant<int, From + I>{}), ...);
  }
  (std::make_integer_sequence<int, To - From>{});
}

template <class Method>
FORCE_INLINE double starting_step(const Model& f, v2 u, double tolerance) {
  const v2 f0 = u * f.slope(u), weight = 1 / (tolerance + tolerance * absolute(u));
  const auto norm = [&](v2 v) { return std::sqrt(0.5 * sum_of(v * weight * v * weight)); };
  const double d1 = norm(f0), h0 = 0.01 * norm(u) / d1;
  const v2 next = u + h0 * f0;
  const double d2 = norm(next * f.slope(next) - f0) / h0;
  return std::min(100 * h0, std::pow(0.01 / std::max(d1, d2), 1.0 / Method::tableau.order));
}

template <class Method, StepControl control, bool keeps>
FORCE_INLINE SolveStatistics run(const std::array<double, 2>& u0, const std::array<double, 4>& p,
                                 double tolerance, double* saved, [[maybe_unused]] VernerTape<Method>* tape) {
  using A = Table<Method>;
  constexpr double log_gamma = -0.15200309344504997, log_floor = -13.287712379549449;
  constexpr double beta1 = Method::controller.beta1, beta2 = Method::controller.beta2;
  SolveStatistics statistics;
  const Model f(p);
  v2 u = {u0[0], u0[1]}, slope = f.slope(u), k[A::T];
  store(saved, u);
  double t = 0, h = starting_step<Method>(f, u, tolerance), log_previous = log_floor;
  int save = 1;
  for (;;) {
    if (t + h > t_end - 1e-12) h = t_end - t;
    const double end = t + h;
    typename VernerTape<Method>::Step* record = nullptr;
    if constexpr (keeps) {
      if (std::size_t(statistics.accepted) == tape->steps.size())
        tape->steps.resize(2 * tape->steps.size() + 64);
      record = &tape->steps[std::size_t(statistics.accepted)];
      store(record->inputs[0], u);
    }
    const auto evaluate = [&](auto i) LAMBDA_INLINE {
      const v2 input = A::template sum<A::stage, i, i>(u, k);
      if constexpr (keeps) store(record->inputs[i], input);
      k[i] = (h * input) * f.slope(input);
    };
    k[0] = (h * u) * slope;
    each<1, A::S>(evaluate);
    const v2 next = A::template sum<A::new_state, 0, A::S>(u, k);
    const v2 size = tolerance + tolerance * larger(absolute(u), absolute(next));
    v2 e = A::template sum<A::estimate, 0, A::S>(v2{0, 0}, k) * (v2)_mm_rcp14_pd((__m128d)size);
    e *= e;
    const double e2 = 0.5 * sum_of(e);
    if (__builtin_expect(e2 > 1, 0)) {
      ++statistics.rejected;
      h *= short_exp2(std::max(log_gamma - beta1 * 0.5 * short_log2(e2), -2.32));
      continue;
    }
    double next_h = h;
    if constexpr (control == StepControl::pi_short) {
      const double log_e = 0.5 * short_log2(e2 + 1e-30), y = log_gamma - beta1 * log_e + beta2 * log_previous;
      log_previous = std::max(log_e, log_floor);
      next_h = h * short_exp2(std::min(std::max(y, -2.32), 3.32));
    } else if (!(e2 > 0.01 && e2 < 0.8)) {
      const double y = -0.4 - (0.5 / Method::tableau.order) * short_log2(e2 + 1e-30);
      next_h = h * short_exp2(std::min(std::max(y, -2.3), 3.3));
    }
    ++statistics.accepted;
    const v2 next_slope = f.slope(next);
    if constexpr (keeps) {
      record->h = h;
      record->first_save = save;
      store(record->inputs[A::S], next);
    }
    if (spacing * save <= end && save < saves - 1) {
      k[A::S] = (h * next) * next_slope;
      each<A::S + 1, A::T>(evaluate);
      const double inverse_h = 1 / h;
      do {
        alignas(64) double local[A::padded];
        double* w = local;
        if constexpr (keeps) w = tape->weights[std::size_t(save)].of;
        A::dense_weights((spacing * save - t) * inverse_h, w);
        store(saved + 2 * save, A::dense(u, w, k));
        ++save;
      } while (spacing * save <= end && save < saves - 1);
    }
    if constexpr (keeps) record->end_save = save;
    if (end > t_end - 1e-9) {
      store(saved + 2 * (saves - 1), next);
      return statistics;
    }
    t = end;
    u = next;
    slope = next_slope;
    h = next_h;
  }
}

template <class Method, StepControl control>
[[gnu::noinline]] SolveStatistics solve(const std::array<double, 2>& u0, const std::array<double, 4>& p,
                                        double tolerance, double* saved) {
  return run<Method, control, false>(u0, p, tolerance, saved, nullptr);
}

}  // namespace

template <class Method>
SolveStatistics lotka_volterra_verner(const std::array<double, 2>& u0, const std::array<double, 4>& p,
                                      double tolerance, std::span<double, lotka_volterra_saved> saved,
                                      StepControl control) {
  return control == StepControl::dead_band
             ? solve<Method, StepControl::dead_band>(u0, p, tolerance, saved.data())
             : solve<Method, StepControl::pi_short>(u0, p, tolerance, saved.data());
}

template <class Method>
LotkaVolterraGradient lotka_volterra_verner_gradient(const std::array<double, 2>& u0,
                                                     const std::array<double, 4>& p, double tolerance,
                                                     std::span<const double, lotka_volterra_saved> weights,
                                                     VernerTape<Method>& tape) {
  using A = Table<Method>;
  constexpr int S = A::S, T = A::T;
  double saved[lotka_volterra_saved];
  tape.weights.resize(saves);
  LotkaVolterraGradient result;
  tape.statistics = result.statistics =
      run<Method, StepControl::pi_short, true>(u0, p, tolerance, saved, &tape);
  const double* g = weights.data();
  v2 value = {0, 0};
  for (int i = 0; i < saves; ++i) value += load(g + 2 * i) * load(saved + 2 * i);
  result.value = sum_of(value);
  const Model f(p);
  // sums of x ⊙ k̂ and of x₁x₂ k̂
  v2 lambda = load(g + 2 * (saves - 1)), by_c0 = {0, 0}, by_c1 = {0, 0};
  for (int n = result.statistics.accepted - 1; n >= 0; --n) {
    const auto& step = tape.steps[std::size_t(n)];
    const double h = step.h;
    v2 k[T], v[T], before = {0, 0};
    const auto pull = [&](auto i, v2 slope) LAMBDA_INLINE {
      const v2 x = load(step.inputs[i]), scaled = (h * slope) * x;
      by_c0 += scaled;
      by_c1 += scaled * swapped(x);
      v[i] = (h * f.slope(x)) * slope + swapped(f.c1 * scaled);
    };
    if (step.first_save < step.end_save) {
      for (v2& each_k : k) each_k = v2{0, 0};
      for (int i = step.first_save; i < step.end_save; ++i) {
        const v2 at = load(g + 2 * i);
        const double* w = tape.weights[std::size_t(i)].of;
        before += at;
        each<0, T>([&](auto j) LAMBDA_INLINE {
          if constexpr (A::is_used(j)) k[j] += w[j] * at;
        });
      }
      each<0, T - S>([&](auto r) LAMBDA_INLINE {
        constexpr int i = T - 1 - decltype(r)::value;
        pull(std::integral_constant<int, i>{}, A::template later<i + 1, T - 1, i>(k[i], v));
        if constexpr (i > S) before += v[i];
      });
      lambda += v[S];
      each<0, S>([&](auto j) LAMBDA_INLINE {
        k[j] = A::template later<S + 1, T - 1, j>(k[j] + A::table.b[std::size_t(j)] * lambda, v);
      });
    } else {
      for (int j = 0; j < S; ++j) k[j] = A::table.b[std::size_t(j)] * lambda;
    }
    before += lambda;
    each<0, S>([&](auto r) LAMBDA_INLINE {
      constexpr int i = S - 1 - decltype(r)::value;
      pull(std::integral_constant<int, i>{}, A::template later<i + 1, S - 1, i>(k[i], v));
      before += v[i];
    });
    lambda = before;
  }
  lambda += load(g);
  result.gradient = {lambda[0], lambda[1], by_c0[0], -by_c1[0], -by_c0[1], by_c1[1]};
  return result;
}

template SolveStatistics lotka_volterra_verner<costate::Vern7>(const std::array<double, 2>&,
                                                               const std::array<double, 4>&, double,
                                                               std::span<double, lotka_volterra_saved>,
                                                               StepControl);
template SolveStatistics lotka_volterra_verner<costate::Vern9>(const std::array<double, 2>&,
                                                               const std::array<double, 4>&, double,
                                                               std::span<double, lotka_volterra_saved>,
                                                               StepControl);
template LotkaVolterraGradient lotka_volterra_verner_gradient<costate::Vern7>(
    const std::array<double, 2>&, const std::array<double, 4>&, double,
    std::span<const double, lotka_volterra_saved>, VernerTape<costate::Vern7>&);
template LotkaVolterraGradient lotka_volterra_verner_gradient<costate::Vern9>(
    const std::array<double, 2>&, const std::array<double, 4>&, double,
    std::span<const double, lotka_volterra_saved>, VernerTape<costate::Vern9>&);

}  // namespace limits
