#include "advection_diffusion.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <immintrin.h>
#include <utility>
#include <vector>

#include "step_control.hpp"
#include "tsit5.hpp"

namespace limits {
namespace {

using Register = __m512d;
using Slopes = std::array<const double*, 7>;
using Weights = std::array<double, 7>;
constexpr std::size_t ghosts = 16;  // cells on either side

using namespace tsit5;
constexpr Weights stage_weights[7] = {{},
                                      {a21},
                                      {a31, a32},
                                      {a41, a42, a43},
                                      {a51, a52, a53, a54},
                                      {a61, a62, a63, a64, a65},
                                      {b1, b2, b3, b4, b5, b6}};
constexpr Weights error_weights = {e1, e2, e3, e4, e5, e6, e7};

/// n numbers aligned to a cache line, with room for ghost cells before and behind.
class Line {
 public:
  explicit Line(std::size_t n) : memory_(n + 2 * ghosts + 8) {
    const auto address = reinterpret_cast<std::uintptr_t>(memory_.data());
    data_ = reinterpret_cast<double*>((address + 63) / 64 * 64) + ghosts;
  }
  double* data() const { return data_; }

 private:
  std::vector<double> memory_;
  double* data_;
};

void fill_ghosts(double* v, std::size_t n) {
  for (std::size_t i = 1; i <= ghosts; ++i) {
    v[-static_cast<std::ptrdiff_t>(i)] = v[n - i];
    v[n + i - 1] = v[i - 1];
  }
}
[[gnu::always_inline]] inline Register load(const double* p) {
  return _mm512_load_pd(p);
}
[[gnu::always_inline]] inline Register all(double s) {
  return _mm512_set1_pd(s);
}

/// base + Σ c_j k_j of the first I slopes
template <std::size_t I>
[[gnu::always_inline]] inline Register combine(Register base, const Slopes& k, const Weights& c,
                                               std::ptrdiff_t i) {
  [&]<std::size_t... J>(std::index_sequence<J...>) __attribute__((always_inline)) {
    ((base = _mm512_fmadd_pd(all(c[J]), load(k[J] + i), base)), ...);
  }
  (std::make_index_sequence<I>{});
  return base;
}
template <std::size_t I>
[[gnu::always_inline]] inline Weights times(double h) {
  Weights c{};
  for (std::size_t j = 0; j < I; ++j) c[j] = h * stage_weights[I][j];
  return c;
}
[[gnu::always_inline]] inline Register stencil(const AdvectionDiffusion& f, Register left, Register middle,
                                               Register right) {
  const auto shifted = [](Register high, Register low, auto by) __attribute__((always_inline)) {
    return _mm512_castsi512_pd(
        _mm512_alignr_epi64(_mm512_castpd_si512(high), _mm512_castpd_si512(low), decltype(by)::value));
  };
  const Register l = shifted(middle, left, std::integral_constant<int, 7>{});
  const Register r = shifted(right, middle, std::integral_constant<int, 1>{});
  return _mm512_fmadd_pd(all(f.a), l, _mm512_fmadd_pd(all(f.c), r, _mm512_mul_pd(all(f.b), middle)));
}
[[gnu::always_inline]] inline Register scaled(Register e, Register u, Register next, double tolerance) {
  const Register size = _mm512_max_pd(_mm512_abs_pd(u), _mm512_abs_pd(next));
  return _mm512_mul_pd(e, _mm512_rcp14_pd(_mm512_fmadd_pd(all(tolerance), size, all(tolerance))));
}

/// out = f(u + h Σ a_Ij k_j) over [from, to), multiples of 8; the stage's state slides through three
/// registers.
template <std::size_t I>
[[gnu::always_inline]] inline void pass(const AdvectionDiffusion& f, const double* u, const Slopes& k,
                                        double h, double* out, std::ptrdiff_t from, std::ptrdiff_t to) {
  const Weights c = times<I>(h);
  Register left = combine<I>(load(u + from - 8), k, c, from - 8);
  Register middle = combine<I>(load(u + from), k, c, from);
  for (std::ptrdiff_t i = from; i < to; i += 8) {
    const Register right = combine<I>(load(u + i + 8), k, c, i + 8);
    _mm512_store_pd(out + i, stencil(f, left, middle, right));
    left = middle, middle = right;
  }
}

/// The new state, its slope where it is kept, and the squared error, in one pass.
template <bool KeepsSlope>
[[gnu::always_inline]] inline double last_pass(const AdvectionDiffusion& f, const double* u, const Slopes& k,
                                               double h, double tolerance, double* next, double* slope,
                                               std::ptrdiff_t to) {
  const Weights c = times<6>(h);
  Register sum = all(0), left = combine<6>(load(u - 8), k, c, -8), middle = combine<6>(load(u), k, c, 0);
  Register e = combine<6>(all(0), k, error_weights, 0);
  for (std::ptrdiff_t i = 0; i < to; i += 8) {
    const Register right = combine<6>(load(u + i + 8), k, c, i + 8);
    const Register e_right = combine<6>(all(0), k, error_weights, i + 8);
    const Register du = stencil(f, left, middle, right);
    _mm512_store_pd(next + i, middle);
    if constexpr (KeepsSlope) _mm512_store_pd(slope + i, du);
    e = scaled(_mm512_fmadd_pd(all(e7), du, e), load(u + i), middle, tolerance);
    sum = _mm512_fmadd_pd(e, e, sum);
    e = e_right, left = middle, middle = right;
  }
  return h * h * _mm512_reduce_add_pd(sum);
}

}  // namespace

struct AdvectionDiffusionSteps::State {
  State(std::size_t states, double tol)
      : size(static_cast<std::ptrdiff_t>(states)),
        n(states),
        f(n),
        tolerance(tol),
        u(n),
        next(n),
        input(n),
        k{Line(n), Line(n), Line(n), Line(n), Line(n), Line(n), Line(n)},
        h(0.2 / double(n)),
        triads{std::vector<double>(triad_size()), std::vector<double>(triad_size(), 1.0),
               std::vector<double>(triad_size(), 2.0)} {
    for (std::size_t i = 0; i < n; ++i) u.data()[i] = AdvectionDiffusion::start(i, n);
    fill_ghosts(u.data(), n);
    pass<0>(f, u.data(), slopes(), h, k[0].data(), 0, size);
    fill_ghosts(k[0].data(), n);
  }
  std::size_t triad_size() const { return n * 10 / 3; }
  Slopes slopes() const {
    Slopes result{};
    for (std::size_t j = 0; j < 7; ++j) result[j] = k[j].data();
    return result;
  }
  bool accepts(double sum) {
    const double squared = sum / double(n), log2_error = 0.5 * short_log2(squared + 1e-30);
    if (squared > 1) {
      h *= control.reject(log2_error);
      ++rejected;
      return false;
    }
    t += h;
    h = std::min(h * control.accept(log2_error), 0.4 / double(n));
    return true;
  }
  template <std::size_t I>
  void black_box_stage() {
    const Weights c = times<I>(h);
    const Slopes s = slopes();
    double* const x = I < 6 ? input.data() : next.data();
    for (std::ptrdiff_t i = 0; i < size; i += 8)
      _mm512_store_pd(x + i, combine<I>(load(u.data() + i), s, c, i));
    fill_ghosts(x, n);
    pass<0>(f, x, s, h, k[I].data(), 0, size);
  }
  template <std::size_t I>
  void fused_stage() {
    pass<I>(f, u.data(), slopes(), h, k[I].data(), 0, size);
    fill_ghosts(k[I].data(), n);
  }

  std::ptrdiff_t size;
  std::size_t n;
  AdvectionDiffusion f;
  double tolerance;
  Line u, next, input;
  std::array<Line, 7> k;
  double h, t = 0;
  PIControl control{};
  std::size_t rejected = 0;
  std::array<std::vector<double>, 3> triads;
};

AdvectionDiffusionSteps::AdvectionDiffusionSteps(std::size_t n, double tolerance)
    : state_(std::make_unique<State>(n, tolerance)) {}
AdvectionDiffusionSteps::~AdvectionDiffusionSteps() = default;
std::span<const double> AdvectionDiffusionSteps::state() const {
  return {state_->u.data(), state_->n};
}
double AdvectionDiffusionSteps::t() const {
  return state_->t;
}
std::size_t AdvectionDiffusionSteps::rejected() const {
  return state_->rejected;
}

void AdvectionDiffusionSteps::black_box() {
  State& s = *state_;
  double sum;
  do {
    s.black_box_stage<1>();
    s.black_box_stage<2>();
    s.black_box_stage<3>();
    s.black_box_stage<4>();
    s.black_box_stage<5>();
    s.black_box_stage<6>();
    const Slopes k = s.slopes();
    Register total = all(0);
    for (std::ptrdiff_t i = 0; i < s.size; i += 8) {
      const Register e = combine<7>(all(0), k, error_weights, i);
      const Register x = scaled(e, load(s.u.data() + i), load(s.next.data() + i), s.tolerance);
      total = _mm512_fmadd_pd(x, x, total);
    }
    sum = s.h * s.h * _mm512_reduce_add_pd(total);
  } while (!s.accepts(sum));
  std::swap(s.u, s.next);
  std::swap(s.k[0], s.k[6]);
}

void AdvectionDiffusionSteps::fused() {
  State& s = *state_;
  double sum;
  do {
    s.fused_stage<1>();
    s.fused_stage<2>();
    s.fused_stage<3>();
    s.fused_stage<4>();
    s.fused_stage<5>();
    sum =
        last_pass<true>(s.f, s.u.data(), s.slopes(), s.h, s.tolerance, s.next.data(), s.k[6].data(), s.size);
    fill_ghosts(s.next.data(), s.n);
    fill_ghosts(s.k[6].data(), s.n);
  } while (!s.accepts(sum));
  std::swap(s.u, s.next);
  std::swap(s.k[0], s.k[6]);
}

void AdvectionDiffusionSteps::tiled() {
  constexpr std::ptrdiff_t tile = 384;
  State& s = *state_;
  alignas(64) double memory[6][tile + 32] = {};
  Slopes k{};
  std::array<double*, 6> out{};
  for (std::size_t j = 0; j < 6; ++j) k[j] = out[j] = memory[j] + 16;
  double sum;
  do {
    sum = 0;
    for (std::ptrdiff_t from = 0; from < s.size; from += tile) {
      const std::ptrdiff_t m = std::min(tile, s.size - from);
      const double* const u = s.u.data() + from;
      pass<0>(s.f, u, k, s.h, out[0], -8, m + 8);  // a cell at either end turns invalid a stage: 8 are spent
      pass<1>(s.f, u, k, s.h, out[1], -8, m + 8);
      pass<2>(s.f, u, k, s.h, out[2], -8, m + 8);
      pass<3>(s.f, u, k, s.h, out[3], -8, m + 8);
      pass<4>(s.f, u, k, s.h, out[4], -8, m + 8);
      pass<5>(s.f, u, k, s.h, out[5], -8, m + 8);
      sum += last_pass<false>(s.f, u, k, s.h, s.tolerance, s.next.data() + from, nullptr, m);
    }
    fill_ghosts(s.next.data(), s.n);
  } while (!s.accepts(sum));
  std::swap(s.u, s.next);
}

void AdvectionDiffusionSteps::triad() {
  auto& [x, y, z] = state_->triads;
  double s = 3;
  asm volatile("" : "+m"(s));
  for (std::size_t i = 0; i + 8 <= x.size(); i += 8)
    _mm512_storeu_pd(&x[i], _mm512_fmadd_pd(all(s), _mm512_loadu_pd(&z[i]), _mm512_loadu_pd(&y[i])));
}
std::size_t AdvectionDiffusionSteps::triad_bytes() const {
  return 3 * sizeof(double) * state_->triad_size();
}

}  // namespace limits
