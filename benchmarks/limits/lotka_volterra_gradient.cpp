#include <cstring>

#include "lotka_volterra_steps.hpp"

namespace limits {
namespace {

/// (∂f/∂u)ᵀ k, and (∂f/∂p)ᵀ k added up, written out.
class HandVjp {
 public:
  explicit HandVjp(const std::array<double, 4>& p) : p_(p) {}
  [[gnu::always_inline]] Pair operator()(const double* u, Pair k) {
    const double x = u[0], y = u[1], kx = k.x * x, ky = k.y * y;
    a_ += kx;
    b_ -= kx * y;
    c_ -= ky;
    d_ += ky * x;
    return {k.x * (p_[0] - p_[1] * y) + p_[3] * ky, k.y * (p_[3] * x - p_[2]) - p_[1] * kx};
  }
  std::array<double, 4> dp() const { return {a_, b_, c_, d_}; }

 private:
  const std::array<double, 4>& p_;
  double a_ = 0, b_ = 0, c_ = 0, d_ = 0;
};

using Partials [[gnu::vector_size(64)]] = double;

[[gnu::always_inline]] inline Partials broadcast(double v) {
  return Partials{v, v, v, v, v, v, v, v};
}

struct SixDual {
  double value;
  Partials partials;
};
[[gnu::always_inline]] inline SixDual operator*(SixDual a, SixDual b) {
  return {a.value * b.value, a.partials * broadcast(b.value) + b.partials * broadcast(a.value)};
}
[[gnu::always_inline]] inline SixDual operator-(SixDual a, SixDual b) {
  return {a.value - b.value, a.partials - b.partials};
}

/// What a user writes, for any scalar.
template <class T>
[[gnu::always_inline]] inline void user_rhs(const T* u, const T* p, T* du) {
  du[0] = p[0] * u[0] - p[1] * u[0] * u[1];
  du[1] = p[3] * u[0] * u[1] - p[2] * u[1];
}

/// The Jacobian by one pass of duals, then kᵀJ. It needs only the stored stage state, so it is off the
/// critical chain.
class DualVjp {
 public:
  explicit DualVjp(const std::array<double, 4>& p) : p_(p) {}
  [[gnu::always_inline]] Pair operator()(const double* u, Pair k) {
    const SixDual state[2] = {{u[0], Partials{1}}, {u[1], Partials{0, 1}}};
    const SixDual q[4] = {{p_[0], Partials{0, 0, 1}},
                          {p_[1], Partials{0, 0, 0, 1}},
                          {p_[2], Partials{0, 0, 0, 0, 1}},
                          {p_[3], Partials{0, 0, 0, 0, 0, 1}}};
    SixDual du[2];
    user_rhs(state, q, du);
    const Partials row = broadcast(k.x) * du[0].partials + broadcast(k.y) * du[1].partials;
    sum_ += row;
    return {row[0], row[1]};
  }
  std::array<double, 4> dp() const { return {sum_[2], sum_[3], sum_[4], sum_[5]}; }

 private:
  const std::array<double, 4>& p_;
  Partials sum_ = {};
};

[[gnu::always_inline]] inline Pair weight(const double* weights, int save) {
  return {weights[2 * save], weights[2 * save + 1]};
}
[[gnu::always_inline]] inline double dot(Pair a, Pair b) {
  return a.x * b.x + a.y * b.y;
}

[[gnu::always_inline]] inline SolveStatistics record(const std::array<double, 2>& u0,
                                                     const std::array<double, 4>& p, double tolerance,
                                                     const double* weights, std::vector<StepRecord>& tape,
                                                     double& value) {
  tape.clear();
  value = dot(weight(weights, 0), {u0[0], u0[1]});
  int save = 1;
  const auto sink = [&](const Step& step) __attribute__((always_inline)) {
    const int first = save;
    while (save < last_save && spacing * save <= step.end) ++save;
    tape.emplace_back();
    StepRecord& r = tape.back();
    r.t = step.t;
    r.h = step.h;
    std::memcpy(r.u, step.u, sizeof r.u);
    r.first_save = first;
    r.end_save = save;
    if (first < save) {
      const double inverse_h = 1 / step.h;
      for (int i = first; i < save; ++i)
        value += dot(weight(weights, i), step.dense((spacing * i - step.t) * inverse_h));
    }
    if (step.end >= t_end) value += dot(weight(weights, last_save), step.u[6]);
  };
  return integrate<StepControl::pi_short>(u0, p, tolerance, sink);
}

template <class UserVjp>
[[gnu::noinline]] LotkaVolterraGradient gradient(const std::array<double, 2>& u0,
                                                 const std::array<double, 4>& p, double tolerance,
                                                 const double* weights, std::vector<StepRecord>& tape) {
  using namespace tsit5;
  LotkaVolterraGradient result;
  result.statistics = record(u0, p, tolerance, weights, tape, result.value);
  UserVjp vjp(p);
  // k1: cotangent of f at the end of the step, left there by the first stage of the later step (FSAL)
  Pair lambda = weight(weights, last_save), k1{0, 0};
  for (auto r = tape.rbegin(); r != tape.rend(); ++r) {
    const double h = r->h;
    Pair d[7] = {}, at_saves{0, 0};
    if (r->first_save < r->end_save) {
      const double inverse_h = 1 / h;
      for (int i = r->first_save; i < r->end_save; ++i) {
        const Pair g = weight(weights, i);
        double w[7];
        dense_weights((spacing * i - r->t) * inverse_h, w);
        at_saves = at_saves + g;
        for (int j = 0; j < 7; ++j) d[j] = d[j] + h * w[j] * g;
      }
    }
    lambda = lambda + vjp(r->u[6], k1 + d[6]);
    const Pair v6 = vjp(r->u[5], d[5] + h * b6 * lambda);
    const Pair v5 = vjp(r->u[4], d[4] + h * b5 * lambda + h * a65 * v6);
    const Pair v4 = vjp(r->u[3], d[3] + h * b4 * lambda + h * a64 * v6 + h * a54 * v5);
    const Pair v3 = vjp(r->u[2], d[2] + h * b3 * lambda + h * a63 * v6 + h * a53 * v5 + h * a43 * v4);
    const Pair v2 =
        vjp(r->u[1], d[1] + h * b2 * lambda + h * a62 * v6 + h * a52 * v5 + h * a42 * v4 + h * a32 * v3);
    k1 = d[0] + h * b1 * lambda + h * a61 * v6 + h * a51 * v5 + h * a41 * v4 + h * a31 * v3 + h * a21 * v2;
    lambda = ((lambda + at_saves) + (v6 + v5)) + ((v4 + v3) + v2);
  }
  lambda = lambda + vjp(u0.data(), k1) + weight(weights, 0);
  const auto dp = vjp.dp();
  result.gradient = {lambda.x, lambda.y, dp[0], dp[1], dp[2], dp[3]};
  return result;
}

}  // namespace

LotkaVolterraGradient lotka_volterra_gradient(const std::array<double, 2>& u0, const std::array<double, 4>& p,
                                              double tolerance,
                                              std::span<const double, lotka_volterra_saved> weights,
                                              std::vector<StepRecord>& tape, Vjp vjp) {
  return vjp == Vjp::hand ? gradient<HandVjp>(u0, p, tolerance, weights.data(), tape)
                          : gradient<DualVjp>(u0, p, tolerance, weights.data(), tape);
}

}  // namespace limits
