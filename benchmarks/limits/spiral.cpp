// g++ 12 takes the undefined operand inside its own AVX-512 intrinsics for a mistake (GCC bug 105593).
#if defined(__GNUC__) && !defined(__clang__)
#pragma GCC diagnostic ignored "-Wuninitialized"
#pragma GCC diagnostic ignored "-Wmaybe-uninitialized"
#endif

#include "spiral.hpp"

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <vector>

#include "spiral_network.hpp"
#include "step_control.hpp"
#include "tsit5.hpp"

namespace limits {
namespace {

constexpr int points = spiral_points;
constexpr double t_end = 1.5;

double save_time(int i) {
  return t_end * i / (points - 1);
}

template <class T>
struct NetworkStep {
  double t, h;
  int first_save, end_save;
  V<T> u[7], hidden_values[7][Network<T>::registers];
};

template <class T>
struct Tolerance {
  T abstol, reltol;
  /// Mean square of the two components of e against the tolerance at u and v.
  [[gnu::always_inline]] double squared_norm(V<T> e, V<T> u, V<T> v) const {
    V<T> s = e * rcp(fma(max(abs(u), abs(v)), V<T>(reltol), V<T>(abstol)));
    s = s * s;
    return T(0.5) * (s.x() + s.y());
  }
};

}  // namespace

template <class T>
struct SpiralTraining<T>::State {
  Network<T> p{}, gradient{}, m{}, v{};
  Tolerance<T> tolerance;
  T data[spiral_data],
      residual2[spiral_data];  // residual2: 2(out − data), the cotangents of the saved points
  double save_at[points];
  std::vector<NetworkStep<T>> tape{400};
  int recorded = 0;

  [[gnu::noinline]] SpiralEvaluation value_and_gradient() {
    SpiralEvaluation result = forward();
    reverse();
    return result;
  }

 private:
  [[gnu::always_inline]] double starting_step(V<T> u, V<T> k) {
    V<T> unused[Network<T>::registers];
    const double d0 = std::sqrt(tolerance.squared_norm(u, u, u)),
                 d1 = std::sqrt(tolerance.squared_norm(k, u, u));
    const double h0 = d0 < 1e-5 || d1 < 1e-5 ? 1e-6 : 0.01 * d0 / d1;
    const V<T> k1 = right_hand_side(p, fma(k, V<T>(T(h0)), u), unused);
    const double d2 = std::sqrt(tolerance.squared_norm(k1 - k, u, u)) / h0;
    return std::min(100 * h0, std::pow(0.01 / std::max(d1, d2), 0.2));
  }

  [[gnu::always_inline]] void save(int i, V<T> u, double& loss) {
    const V<T> e = u - V<T>::pair(data[2 * i], data[2 * i + 1]);
    loss += double(e.x()) * e.x() + double(e.y()) * e.y();
    residual2[2 * i] = 2 * e.x();
    residual2[2 * i + 1] = 2 * e.y();
  }

  [[gnu::always_inline]] SpiralEvaluation forward() {
    using namespace tsit5;
    using W = V<T>;
    SpiralEvaluation result;
    PIControl pi;
    NetworkStep<T>* s = tape.data();
    W u = W::pair(T(2), T(0)), k[7];
    k[0] = right_hand_side(p, u, s->hidden_values[0]);
    double t = 0, h = starting_step(u, k[0]);
    int next_save = 1;
    result.rhs_evaluations = 2;
    save(0, u, result.value);
    while (true) {
      if (t + h >= t_end * (1 - 1e-7)) h = t_end - t;
      const auto c = [&](double a) __attribute__((always_inline)) {
        return W(T(a * h));
      };
      const W u2 = fma(k[0], c(a21), u);
      k[1] = right_hand_side(p, u2, s->hidden_values[1]);
      const W u3 = fma(k[1], c(a32), fma(k[0], c(a31), u));
      k[2] = right_hand_side(p, u3, s->hidden_values[2]);
      const W u4 = fma(k[2], c(a43), fma(k[1], c(a42), fma(k[0], c(a41), u)));
      k[3] = right_hand_side(p, u4, s->hidden_values[3]);
      const W u5 = fma(k[3], c(a54), fma(k[2], c(a53), fma(k[1], c(a52), fma(k[0], c(a51), u))));
      k[4] = right_hand_side(p, u5, s->hidden_values[4]);
      const W u6 =
          fma(k[4], c(a65), fma(k[3], c(a64), fma(k[2], c(a63), fma(k[1], c(a62), fma(k[0], c(a61), u)))));
      k[5] = right_hand_side(p, u6, s->hidden_values[5]);
      const W u7 =
          fma(k[5], c(b6),
              fma(k[4], c(b5), fma(k[3], c(b4), fma(k[2], c(b3), fma(k[1], c(b2), fma(k[0], c(b1), u))))));
      k[6] = right_hand_side(p, u7, s->hidden_values[6]);
      const W e =
          fma(k[6], c(e7),
              fma(k[5], c(e6),
                  fma(k[4], c(e5), fma(k[3], c(e4), fma(k[2], c(e3), fma(k[1], c(e2), k[0] * c(e1)))))));
      result.rhs_evaluations += 6;
      const double error2 = tolerance.squared_norm(e, u, u7), log2_error = 0.5 * short_log2(error2 + 1e-30);
      if (error2 > 1) {
        ++result.rejected;
        h *= pi.reject(log2_error);
        continue;
      }
      const double end = t + h, next = h * pi.accept(log2_error), inverse_h = 1 / h;
      s->t = t;
      s->h = h;
      s->first_save = next_save;
      const W stages[7] = {u, u2, u3, u4, u5, u6, u7};
      std::copy(stages, stages + 7, s->u);
      while (next_save < points - 1 && save_at[next_save] <= end) {
        double w[7];
        dense_weights((save_at[next_save] - t) * inverse_h, w);
        W out = u;
        for (int j = 0; j < 7; ++j) out = fma(k[j], c(w[j]), out);
        save(next_save++, out, result.value);
      }
      s->end_save = next_save;
      ++result.accepted;
      if (end >= t_end * (1 - 1e-12)) {
        save(points - 1, u7, result.value);
        recorded = result.accepted;
        return result;
      }
      if (result.accepted == int(tape.size())) std::abort();
      std::copy(s->hidden_values[6], s->hidden_values[6] + Network<T>::registers, s[1].hidden_values[0]);
      ++s;
      u = u7;
      k[0] = k[6];
      t = end;
      h = next;
    }
  }

  [[gnu::always_inline]] void reverse() {
    using namespace tsit5;
    using W = V<T>;
    GradientSums<T> g;
    W lambda = W::pair(residual2[2 * points - 2], residual2[2 * points - 1]), k1 = W(T(0));
    for (int n = recorded - 1; n >= 0; --n) {
      const NetworkStep<T>& s = tape[n];
      const double h = s.h;
      W d[7], at_saves(T(0));
      for (auto& x : d) x = W(T(0));
      if (s.first_save < s.end_save) {
        const double inverse_h = 1 / h;
        for (int i = s.first_save; i < s.end_save; ++i) {
          double w[7];
          dense_weights((save_at[i] - s.t) * inverse_h, w);
          const W r = W::pair(residual2[2 * i], residual2[2 * i + 1]);
          at_saves = at_saves + r;
          for (int j = 0; j < 7; ++j) d[j] = fma(r, W(T(h * w[j])), d[j]);
        }
      }
      const auto c = [&](double a) __attribute__((always_inline)) {
        return W(T(a * h));
      };
      const auto back = [&](int stage, W x) __attribute__((always_inline)) {
        return pullback(p, s.u[stage], s.hidden_values[stage], x, g);
      };
      lambda = lambda + back(6, k1 + d[6]);
      const W v6 = back(5, fma(lambda, c(b6), d[5]));
      const W v5 = back(4, fma(v6, c(a65), fma(lambda, c(b5), d[4])));
      const W v4 = back(3, fma(v5, c(a54), fma(v6, c(a64), fma(lambda, c(b4), d[3]))));
      const W v3 = back(2, fma(v4, c(a43), fma(v5, c(a53), fma(v6, c(a63), fma(lambda, c(b3), d[2])))));
      const W v2 = back(
          1, fma(v3, c(a32), fma(v4, c(a42), fma(v5, c(a52), fma(v6, c(a62), fma(lambda, c(b2), d[1]))))));
      k1 = fma(v2, c(a21),
               fma(v3, c(a31), fma(v4, c(a41), fma(v5, c(a51), fma(v6, c(a61), fma(lambda, c(b1), d[0]))))));
      lambda = ((lambda + at_saves) + (v6 + v5)) + ((v4 + v3) + v2);
    }
    pullback(p, tape[0].u[0], tape[0].hidden_values[0], k1, g);
    g.store(gradient);
  }
};

template <class T>
SpiralTraining<T>::SpiralTraining(std::span<const T, spiral_data> data, double abstol, double reltol)
    : state_(std::make_unique<State>()) {
  state_->tolerance = {T(abstol), T(reltol)};
  std::copy(data.begin(), data.end(), state_->data);
  for (int i = 0; i < points; ++i) state_->save_at[i] = save_time(i);
}

template <class T>
SpiralTraining<T>::~SpiralTraining() = default;

template <class T>
void SpiralTraining<T>::set_parameters(std::span<const T, spiral_parameters> p) {
  state_->p.unpack(p);
}

template <class T>
void SpiralTraining<T>::get_parameters(std::span<T, spiral_parameters> p) const {
  state_->p.pack(p);
}

template <class T>
void SpiralTraining<T>::get_gradient(std::span<T, spiral_parameters> g) const {
  state_->gradient.pack(g);
}

template <class T>
SpiralEvaluation SpiralTraining<T>::value_and_gradient() {
  return state_->value_and_gradient();
}

template <class T>
SpiralEvaluation SpiralTraining<T>::adam(int iterations, double learning_rate) {
  State& s = *state_;
  s.m = s.v = {};
  double beta1 = 1, beta2 = 1;
  SpiralEvaluation result;
  for (int i = 0; i < iterations; ++i) {
    result = s.value_and_gradient();
    beta1 *= 0.9;
    beta2 *= 0.999;
    const T step = T(learning_rate / (1 - beta1)), unbias = T(1 / (1 - beta2));
    T *p = s.p.w1x, *g = s.gradient.w1x, *m = s.m.w1x, *v = s.v.w1x;
    for (int j = 0; j < Network<T>::size; ++j) {
      m[j] = T(0.9) * m[j] + T(0.1) * g[j];
      v[j] = T(0.999) * v[j] + T(0.001) * g[j] * g[j];
      p[j] -= step * m[j] / (std::sqrt(v[j] * unbias) + T(1e-8));
    }
  }
  return result;
}

template <class T>
std::size_t SpiralTraining<T>::tape_bytes() const {
  return std::size_t(state_->recorded) * sizeof(NetworkStep<T>);
}

template class SpiralTraining<float>;
template class SpiralTraining<double>;

}  // namespace limits
