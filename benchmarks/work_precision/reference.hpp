#pragma once

#include <array>
#include <cmath>
#include <cstddef>
#include <stdexcept>
#include <vector>

namespace work_precision {

/// A number in extended precision with its derivatives by N others.
template <std::size_t N>
struct Jet {
  std::array<long double, N + 1> c{};

  Jet() = default;
  Jet(long double value) { c[0] = value; }

  /// The function of a whose value and derivative at a.c[0] are given.
  static Jet chain(const Jet& a, long double value, long double slope) {
    Jet r;
    for (std::size_t i = 1; i <= N; ++i) r.c[i] = slope * a.c[i];
    r.c[0] = value;
    return r;
  }
  friend Jet operator+(Jet a, const Jet& b) {
    for (std::size_t i = 0; i <= N; ++i) a.c[i] += b.c[i];
    return a;
  }
  friend Jet operator-(Jet a, const Jet& b) {
    for (std::size_t i = 0; i <= N; ++i) a.c[i] -= b.c[i];
    return a;
  }
  friend Jet operator-(const Jet& a) { return Jet() - a; }
  friend Jet operator*(const Jet& a, const Jet& b) {
    Jet r;
    for (std::size_t i = 1; i <= N; ++i) r.c[i] = a.c[0] * b.c[i] + a.c[i] * b.c[0];
    r.c[0] = a.c[0] * b.c[0];
    return r;
  }
  friend Jet operator/(const Jet& a, const Jet& b) {
    return a * chain(b, 1 / b.c[0], -1 / (b.c[0] * b.c[0]));
  }
  friend Jet sqrt(const Jet& a) {
    const long double root = std::sqrt(a.c[0]);
    return chain(a, root, 0.5L / root);
  }
};

/// The modified midpoint rule with 2, 4, …, 2 · columns substeps, extrapolated to none. W. B. Gragg, SIAM J.
/// Numer. Anal. 2 (1965) 384; E. Hairer, S. P. Nørsett & G. Wanner, Solving Ordinary Differential Equations I
/// (1993), §II.9.
template <class F, class State, class P>
class Extrapolation {
 public:
  Extrapolation(const F& f, const P& p, const State& u) : f_(f), p_(p), u_(u) {}

  const State& state() const { return u_; }

  /// Steps are halved until the last two columns agree to `tolerance`, in values and in derivatives.
  void advance(long double t, long double end) {
    while (t < end) {
      const bool last = t + h_ >= end;
      const long double h = last ? end - t : h_;
      const long double error = step(t, h);
      if (!(error < tolerance)) {
        h_ = h / 2;
        if (h_ < 1e-12L) throw std::runtime_error("reference solution: the step size vanishes");
        continue;
      }
      t = last ? end : t + h;
      u_ = row_.back();
      if (error < tolerance / 100 && !last) h_ = h * 1.5L;
    }
  }

 private:
  static constexpr int columns = 8;
  static constexpr long double tolerance = 1e-16L;
  static constexpr std::size_t states = std::tuple_size_v<State>;

  State midpoint(long double t, long double h, int substeps) {
    const long double s = h / substeps;
    State before = u_, now, slope;
    f_(slope, u_, p_, t);
    for (std::size_t i = 0; i < states; ++i) now[i] = u_[i] + s * slope[i];
    for (int k = 1; k < substeps; ++k) {
      f_(slope, now, p_, t + k * s);
      for (std::size_t i = 0; i < states; ++i) {
        const auto next = before[i] + 2 * s * slope[i];
        before[i] = now[i];
        now[i] = next;
      }
    }
    return now;
  }
  /// Leaves the last row of the tableau, best entry last, and returns how far the best two are apart.
  long double step(long double t, long double h) {
    std::vector<State> above;
    for (int j = 1; j <= columns; ++j) {
      row_.assign(1, midpoint(t, h, 2 * j));
      for (int k = 1; k < j; ++k) {
        const long double ratio = static_cast<long double>(j) / (j - k), weight = 1 / (ratio * ratio - 1);
        State next = row_.back();
        for (std::size_t i = 0; i < states; ++i) next[i] = next[i] + weight * (next[i] - above[k - 1][i]);
        row_.push_back(next);
      }
      above = row_;
    }
    const State &best = row_[columns - 1], &second = row_[columns - 2];
    long double error = 0;
    for (std::size_t c = 0; c < best[0].c.size(); ++c) {
      long double difference = 0, scale = 1;
      for (std::size_t i = 0; i < states; ++i) {
        if (!std::isfinite(best[i].c[c])) return INFINITY;
        difference = std::fmax(difference, std::abs(best[i].c[c] - second[i].c[c]));
        scale = std::fmax(scale, std::abs(best[i].c[c]));
      }
      error = std::fmax(error, difference / scale);
    }
    return error;
  }

  const F& f_;
  const P& p_;
  State u_;
  std::vector<State> row_;
  long double h_ = 0.01L;
};

struct Reference {
  std::vector<double> saved;     ///< [components × times]
  std::vector<double> gradient;  ///< of the sum of all saved values by u0 and p; empty where not asked for
};

/// What every row of a model problem is checked against, computed in extended precision from the numbers that
/// the rows start with.
template <class M, bool with_gradient>
Reference reference_of(const std::vector<double>& times) {
  constexpr std::size_t n = M::u0.size(), parameters = M::p.size();
  using Number = Jet<with_gradient ? n + parameters : 0>;
  std::array<Number, n> u;
  std::array<Number, parameters> p;
  const auto variable = [](double value, std::size_t index) {
    Number x(value);
    if constexpr (with_gradient) x.c[1 + index] = 1;
    return x;
  };
  for (std::size_t i = 0; i < n; ++i) u[i] = variable(M::u0[i], i);
  for (std::size_t i = 0; i < parameters; ++i) p[i] = variable(M::p[i], n + i);

  Extrapolation solution(M::f, p, u);
  Reference result;
  Number sum;
  long double now = M::tspan.start;
  for (const double t : times) {
    solution.advance(now, t);
    now = t;
    for (const Number& x : solution.state()) {
      result.saved.push_back(static_cast<double>(x.c[0]));
      sum = sum + x;
    }
  }
  if constexpr (with_gradient)
    for (std::size_t i = 1; i < sum.c.size(); ++i) result.gradient.push_back(static_cast<double>(sum.c[i]));
  return result;
}

}  // namespace work_precision
