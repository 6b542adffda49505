// g++ 12 takes the undefined operand inside its own AVX-512 intrinsics for a mistake (GCC bug 105593).
#if defined(__GNUC__) && !defined(__clang__)
#pragma GCC diagnostic ignored "-Wuninitialized"
#pragma GCC diagnostic ignored "-Wmaybe-uninitialized"
#endif

#include "spiral_batch.hpp"

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <cstring>
#include <new>
#include <stdexcept>
#include <utility>
#include <vector>

#include "spiral_network.hpp"
#include "step_control.hpp"
#include "tsit5.hpp"

namespace limits {
namespace {

constexpr int points = spiral_points, most_steps = 64;
constexpr double t_end = 1.5;

using namespace tsit5;
constexpr double A[7][6] = {{},
                            {a21},
                            {a31, a32},
                            {a41, a42, a43},
                            {a51, a52, a53, a54},
                            {a61, a62, a63, a64, a65},
                            {b1, b2, b3, b4, b5, b6}};
constexpr double E[7] = {e1, e2, e3, e4, e5, e6, e7};

double save_time(int i) {
  return t_end * i / (points - 1);
}
double total(V<float> a) {
  return _mm512_reduce_add_ps(a.v);
}
double total(V<double> a) {
  return _mm512_reduce_add_pd(a.v);
}

template <class T>
struct Lines {
  T* data = nullptr;
  void resize(std::size_t count) {
    data = static_cast<T*>(::operator new (count * sizeof(T), std::align_val_t{64}));
    std::memset(static_cast<void*>(data), 0, count * sizeof(T));
  }
  Lines() = default;
  Lines(const Lines&) = delete;
  Lines& operator=(const Lines&) = delete;
  ~Lines() { ::operator delete (data, std::align_val_t{64}); }
};

}  // namespace

/// States are stored block after block: the x of `block` samples, then their y.
template <class T>
struct SpiralBatch<T>::State {
  using W = V<T>;
  static constexpr int L = W::L, Q = 4, block = Q * L;  // Q registers of samples share each broadcast weight
  struct Step {
    double t, h;
  };

  int samples = 0;
  std::size_t size = 0;
  T abstol, reltol;
  Network<T> p{}, gradient{};
  std::vector<Step> steps;
  Lines<T> states, slopes, hidden_values, residual2, data;

  void pack(const T* from, T* to) const {
    for (int s = 0; s < samples; ++s)
      for (int q = 0; q < 2; ++q) to[s / block * 2 * block + q * block + s % block] = from[2 * s + q];
  }
  T* input(int step, int stage) { return states.data + (std::size_t(step) * 7 + stage) * size; }
  T* stored(int step, int stage, int b) {
    return hidden_values.data + (std::size_t(step) * 6 + stage) * hidden * samples +
           std::size_t(b) * hidden * block;
  }

  [[gnu::always_inline]] void slope_of_block(const T* u, T* k, T* store) {
    W cx[Q], cy[Q], ax[Q], ay[Q];
    for (int q = 0; q < Q; ++q) {
      const W x = W::load(u + q * L), y = W::load(u + block + q * L);
      cx[q] = x * x * x;
      cy[q] = y * y * y;
      ax[q] = W(p.b2[0]);
      ay[q] = W(p.b2[1]);
    }
    for (int j = 0; j < hidden; ++j) {
      const W wx(p.w1x[j]), wy(p.w1y[j]), b(p.b1[j]), vx(p.w2x[j]), vy(p.w2y[j]);
      for (int q = 0; q < Q; ++q) {
        const W h = vtanh(fma(wx, cx[q], fma(wy, cy[q], b)));
        if (store) h.store(store + j * block + q * L);
        ax[q] = fma(vx, h, ax[q]);
        ay[q] = fma(vy, h, ay[q]);
      }
    }
    for (int q = 0; q < Q; ++q) {
      ax[q].store(k + q * L);
      ay[q].store(k + block + q * L);
    }
  }
  /// Stages 0 to 5 of a step keep their hidden values; the seventh is the first of the next step.
  void slope(const T* u, T* k, int step, int stage) {
    for (int b = 0; b < samples / block; ++b)
      slope_of_block(u + b * 2 * block, k + b * 2 * block,
                     stage < 6 && step >= 0 ? stored(step, stage, b) : nullptr);
  }

  template <class F>
  double squared_norm(F error, const T* u, const T* v) const {
    W sum(T(0));
    for (std::size_t i = 0; i < size; i += L) {
      const W e = error(i) * rcp(fma(max(abs(W::load(u + i)), abs(W::load(v + i))), W(reltol), W(abstol)));
      sum = fma(e, e, sum);
    }
    return total(sum) / double(size);
  }
  double starting_step(T* const* k) {
    T* u = input(0, 0);
    const double d0 = std::sqrt(squared_norm([&](std::size_t i) { return W::load(u + i); }, u, u));
    const double d1 = std::sqrt(squared_norm([&](std::size_t i) { return W::load(k[0] + i); }, u, u));
    const double h0 = 0.01 * d0 / d1;
    for (std::size_t i = 0; i < size; i += L)
      fma(W::load(k[0] + i), W(T(h0)), W::load(u + i)).store(k[7] + i);
    slope(k[7], k[6], -1, 0);
    const double d2 =
        std::sqrt(squared_norm([&](std::size_t i) { return W::load(k[6] + i) - W::load(k[0] + i); }, u, u)) /
        h0;
    return std::min(100 * h0, std::pow(0.01 / std::max(d1, d2), 0.2));
  }
  template <class F>
  void save(int point, F state, double& loss) {
    W sum(T(0));
    for (std::size_t i = 0; i < size; i += L) {
      const W e = state(i) - W::load(data.data + point * size + i);
      sum = fma(e, e, sum);
      (e + e).store(residual2.data + point * size + i);
    }
    loss += total(sum);
  }

  SpiralEvaluation forward() {
    SpiralEvaluation result;
    PIControl pi;
    T* k[8];
    for (int i = 0; i < 8; ++i) k[i] = slopes.data + i * size;
    steps.clear();
    slope(input(0, 0), k[0], 0, 0);
    double t = 0, h = starting_step(k);
    result.rhs_evaluations = 2;
    int next_save = 1;
    save(
        0, [&](std::size_t i) { return W::load(input(0, 0) + i); }, result.value);
    for (int n = 0;; ++n) {
      if (n == most_steps) std::abort();
      if (t + h >= t_end * (1 - 1e-7)) h = t_end - t;
      const T* u = input(n, 0);
      for (int s = 1; s < 7; ++s) {
        T* to = input(n, s);
        for (std::size_t i = 0; i < size; i += L) {
          W a = W::load(u + i);
          for (int j = 0; j < s; ++j) a = fma(W::load(k[j] + i), W(T(h * A[s][j])), a);
          a.store(to + i);
        }
        slope(to, k[s], n, s);
      }
      result.rhs_evaluations += 6;
      const double error2 = squared_norm(
          [&](std::size_t i) {
            W a = W::load(k[0] + i) * W(T(h * E[0]));
            for (int j = 1; j < 7; ++j) a = fma(W::load(k[j] + i), W(T(h * E[j])), a);
            return a;
          },
          u, input(n, 6));
      const double log2_error = 0.5 * short_log2(error2 + 1e-30);
      if (error2 > 1) {
        ++result.rejected;
        h *= pi.reject(log2_error);
        --n;
        continue;
      }
      const double end = t + h, next = h * pi.accept(log2_error);
      steps.push_back({t, h});
      ++result.accepted;
      for (; next_save < points - 1 && save_time(next_save) <= end; ++next_save) {
        double w[7];
        dense_weights((save_time(next_save) - t) / h, w);
        save(
            next_save,
            [&](std::size_t i) {
              W a = W::load(u + i);
              for (int j = 0; j < 7; ++j) a = fma(W::load(k[j] + i), W(T(h * w[j])), a);
              return a;
            },
            result.value);
      }
      if (end >= t_end * (1 - 1e-12)) {
        save(
            points - 1, [&](std::size_t i) { return W::load(input(n, 6) + i); }, result.value);
        return result;
      }
      std::memcpy(static_cast<void*>(input(n + 1, 0)), input(n, 6), size * sizeof(T));
      std::swap(k[0], k[6]);
      // the hidden values of the first stage of the next step, in its place
      slope(input(n + 1, 0), k[7], n + 1, 0);
      t = end;
      h = next;
    }
  }

  using Pair = W[2][Q];
  [[gnu::always_inline]] void pull_block(const T* u, const T* h, const Pair& k, Pair& ubar, W (*g)[5],
                                         W* gb) {
    Pair cube, square;
    for (int c = 0; c < 2; ++c)
      for (int q = 0; q < Q; ++q) {
        const W x = W::load(u + c * block + q * L);
        square[c][q] = x * x;
        cube[c][q] = square[c][q] * x;
        ubar[c][q] = W(T(0));
        gb[c] = gb[c] + k[c][q];
      }
    for (int j = 0; j < hidden; ++j) {
      const W wx(p.w1x[j]), wy(p.w1y[j]), b(p.b1[j]), vx(p.w2x[j]), vy(p.w2y[j]);
      W g0 = g[j][0], g1 = g[j][1], g2 = g[j][2], g3 = g[j][3], g4 = g[j][4];
      for (int q = 0; q < Q; ++q) {
        const W y = h ? W::load(h + j * block + q * L) : vtanh(fma(wx, cube[0][q], fma(wy, cube[1][q], b)));
        const W z = fma(vx, k[0][q], vy * k[1][q]) * fnma(y, y, W(T(1)));
        ubar[0][q] = fma(wx, z, ubar[0][q]);
        ubar[1][q] = fma(wy, z, ubar[1][q]);
        g0 = fma(z, cube[0][q], g0);
        g1 = fma(z, cube[1][q], g1);
        g2 = g2 + z;
        g3 = fma(y, k[0][q], g3);
        g4 = fma(y, k[1][q], g4);
      }
      g[j][0] = g0, g[j][1] = g1, g[j][2] = g2, g[j][3] = g3, g[j][4] = g4;
    }
    for (int c = 0; c < 2; ++c)
      for (int q = 0; q < Q; ++q) ubar[c][q] = ubar[c][q] * square[c][q] * W(T(3));
  }

  /// Samples do not meet on the way back: each block goes all the way, with what it needs in the cache.
  void reverse() {
    alignas(64) static W g[hidden][5];
    W gb[2] = {W(T(0)), W(T(0))};
    std::memset(static_cast<void*>(g), 0, sizeof g);
    for (int b = 0; b < samples / block; ++b) pull_samples(b, g, gb);
    for (int j = 0; j < hidden; ++j) {
      T* const to[5] = {gradient.w1x, gradient.w1y, gradient.b1, gradient.w2x, gradient.w2y};
      for (int q = 0; q < 5; ++q) to[q][j] = T(total(g[j][q]));
    }
    gradient.b2[0] = T(total(gb[0]));
    gradient.b2[1] = T(total(gb[1]));
  }
  void pull_samples(int b, W (*g)[5], W* gb) {
    const std::size_t at = std::size_t(b) * 2 * block;
    const int n = int(steps.size());
    const auto residual = [&](int point, int c, int q) __attribute__((always_inline)) {
      return W::load(residual2.data + point * size + at + c * block + q * L);
    };
    Pair lambda, carry;
    for (int c = 0; c < 2; ++c)
      for (int q = 0; q < Q; ++q) lambda[c][q] = residual(points - 1, c, q), carry[c][q] = W(T(0));
    int point = points - 2;
    for (int s = n - 1; s >= 0; --s) {
      const double h = steps[s].h;
      Pair d[7], at_saves, v[7], k;
      std::memset(static_cast<void*>(d), 0, sizeof d);
      std::memset(static_cast<void*>(at_saves), 0, sizeof at_saves);
      for (; point >= 1 && save_time(point) > steps[s].t; --point) {
        double w[7];
        dense_weights((save_time(point) - steps[s].t) / h, w);
        for (int c = 0; c < 2; ++c)
          for (int q = 0; q < Q; ++q) {
            const W r = residual(point, c, q);
            at_saves[c][q] = at_saves[c][q] + r;
            for (int j = 0; j < 7; ++j) d[j][c][q] = fma(r, W(T(h * w[j])), d[j][c][q]);
          }
      }
      for (int c = 0; c < 2; ++c)
        for (int q = 0; q < Q; ++q) k[c][q] = carry[c][q] + d[6][c][q];
      pull_block(input(s, 6) + at, s + 1 < n ? stored(s + 1, 0, b) : nullptr, k, v[6], g, gb);
      for (int c = 0; c < 2; ++c)
        for (int q = 0; q < Q; ++q) lambda[c][q] = lambda[c][q] + v[6][c][q];
      for (int i = 5; i >= 0; --i) {
        for (int c = 0; c < 2; ++c)
          for (int q = 0; q < Q; ++q) {
            W sum = fma(lambda[c][q], W(T(h * A[6][i])), d[i][c][q]);
            for (int j = 5; j > i; --j) sum = fma(v[j][c][q], W(T(h * A[j][i])), sum);
            k[c][q] = sum;
          }
        if (i > 0) pull_block(input(s, i) + at, stored(s, i, b), k, v[i], g, gb);
      }
      for (int c = 0; c < 2; ++c)
        for (int q = 0; q < Q; ++q) {
          carry[c][q] = k[c][q];
          W sum = lambda[c][q] + at_saves[c][q];
          for (int j = 1; j <= 5; ++j) sum = sum + v[j][c][q];
          lambda[c][q] = sum;
        }
    }
    Pair unused;
    pull_block(input(0, 0) + at, stored(0, 0, b), carry, unused, g, gb);
  }
};

template <class T>
SpiralBatch<T>::SpiralBatch(std::span<const T> starts, std::span<const T> data, double abstol, double reltol)
    : state_(std::make_unique<State>()) {
  State& s = *state_;
  s.samples = int(starts.size() / 2);
  s.size = starts.size();
  if (s.samples % State::block != 0 || data.size() != points * s.size)
    throw std::invalid_argument("SpiralBatch: samples");
  s.abstol = T(abstol);
  s.reltol = T(reltol);
  s.states.resize(s.size * 7 * (most_steps + 1));
  s.slopes.resize(s.size * 8);
  s.hidden_values.resize(std::size_t(hidden) * s.samples * 6 * (most_steps + 1));
  s.residual2.resize(s.size * points);
  s.data.resize(s.size * points);
  s.pack(starts.data(), s.input(0, 0));
  for (int i = 0; i < points; ++i) s.pack(data.data() + i * s.size, s.data.data + i * s.size);
}

template <class T>
SpiralBatch<T>::~SpiralBatch() = default;

template <class T>
void SpiralBatch<T>::set_parameters(std::span<const T, spiral_parameters> p) {
  state_->p.unpack(p);
}

template <class T>
void SpiralBatch<T>::get_gradient(std::span<T, spiral_parameters> g) const {
  state_->gradient.pack(g);
}

template <class T>
SpiralEvaluation SpiralBatch<T>::value() {
  return state_->forward();
}

template <class T>
SpiralEvaluation SpiralBatch<T>::value_and_gradient() {
  const SpiralEvaluation result = state_->forward();
  state_->reverse();
  return result;
}

template class SpiralBatch<float>;
template class SpiralBatch<double>;

}  // namespace limits
