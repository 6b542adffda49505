// Lotka-Volterra by Taylor series, specialised by hand: its two recurrences written out, both components in
// one register; the gradient is the reverse sweep over the same recurrences.
// the headers of g++ 12 leave the lanes that a mask drops uninitialised
#ifndef __clang__
#pragma GCC diagnostic ignored "-Wuninitialized"
#pragma GCC diagnostic ignored "-Wmaybe-uninitialized"
#endif
#include "lotka_volterra_taylor.hpp"

#include <algorithm>
#include <bit>
#include <cmath>
#include <immintrin.h>
#include <type_traits>
#include <utility>

#if !defined(__AVX512F__) || !defined(__AVX512DQ__)
#error "the limit programs are written for AVX-512: build them with -march=native on a processor that has it"
#endif
#pragma GCC diagnostic ignored "-Wpedantic"
#pragma GCC diagnostic ignored "-Wshadow"
#pragma GCC diagnostic ignored "-Wpsabi"
#pragma GCC diagnostic ignored "-Wunused-local-typedefs"
#pragma GCC diagnostic ignored "-Wignored-attributes"

#define FORCE_INLINE [[gnu::always_inline]] inline
#define LAMBDA_INLINE __attribute__((always_inline))

namespace limits {
namespace {

typedef double v2 __attribute__((vector_size(16)));
typedef double v8 __attribute__((vector_size(64)));
constexpr int NS = 101;
struct P {
  double a, b, c, d, u0, u1;
};
struct Grad {
  double loss = 0, g[6] = {};
  int steps = 0;
};
FORCE_INLINE v2 sw(v2 v) {
  return __builtin_shufflevector(v, v, 1, 0);
}
FORCE_INLINE v2 dup(double s) {
  return v2{s, s};
}
FORCE_INLINE v2 vabs(v2 v) {
  return (v2)_mm_andnot_pd(_mm_set1_pd(-0.0), (__m128d)v);
}
FORCE_INLINE v2 vmax(v2 a, v2 b) {
  return (v2)_mm_max_pd((__m128d)a, (__m128d)b);
}
FORCE_INLINE v2 log2v(v2 x) {
  v2 e = (v2)_mm_getexp_pd((__m128d)x),
     m = (v2)_mm_getmant_pd((__m128d)x, _MM_MANT_NORM_1_2, _MM_MANT_SIGN_src), m2 = m * m;
  return (-2.505614661980042 + e) + 4.0496168925860205 * m +
         m2 * ((-2.0994022811882105 + 0.6355111165202979 * m) - 0.08001087690680529 * m2);
}
FORCE_INLINE double fast_exp2(double y) {
  __m128d v = _mm_set_sd(y);
  double f = _mm_cvtsd_f64(_mm_reduce_sd(v, v, 0x09));
  double p =
      (0.999896691028205 + 0.6963905466553726 * f) + f * f * (0.22451634404563486 + 0.07908570124786876 * f);
  return _mm_cvtsd_f64(_mm_scalef_sd(_mm_set_sd(p), v));
}

// ---- Taylor series. Coefficients v_k = (x_k, y_k), w_k swapped: (k+1) v_(k+1) = m1 v_k + m2 w_k + c (x*y
// sum over 1..k-1), with the two newest terms written as 2x2 matrices, so that the chain is one shuffle and
// two dependent operations per order.
template <int N>
struct Tab {
  v2 cr[N + 1];
  explicit Tab(v2 c) {
    for (int k = 0; k <= N; ++k) cr[k] = c * (1. / (k + 1));
  }
};
template <int K, int J, class A>
FORCE_INLINE v2 pairs(v2 s, const v2* V, const A& W) {
  if constexpr (2 * J >= K)
    return s;
  else
    return pairs<K, J + 1>(s + V[J] * W[K - J], V, W);
}
template <int K, class A>
FORCE_INLINE v2 inner(const v2* V, const A& W) {  // sum of x_j y_(K-j) for j = 2..K-2, in both halves
  if constexpr (K < 4)
    return v2{0, 0};
  else if constexpr (K == 4)
    return V[2] * W[2];
  else {
    v2 h = pairs<K, 3>(V[2] * W[K - 2], V, W);
    if constexpr (K % 2)
      return h + sw(h);
    else
      return (h + V[K / 2] * W[K / 2]) + sw(h);
  }
}
template <int K, class A>
FORCE_INLINE void order(const v2& m1, const v2& m2, const v2& cr, v2* V, A& W) {  // makes V[K+1]
  constexpr double r = 1. / (K + 1);
  v2 s1 = (m1 * r) * V[K], s2 = (m2 * r) * W[K];
  if constexpr (K == 2) s2 += cr * (V[1] * W[1]);
  if constexpr (K > 2) s1 = (m1 * r) * V[K] + ((cr * W[1]) * V[K - 1] + (cr * V[1]) * W[K - 1]);
  if constexpr (K > 3) s2 = (m2 * r) * W[K] + cr * inner<K>(V, W);
  V[K + 1] = s1 + s2;
  W[K + 1] = sw(V[K + 1]);
}
template <int LO, int C>
FORCE_INLINE v2 estrin(const v2* V, const v2* pw) {  // C coefficients from LO; pw[i] = h^(2^i)
  if constexpr (C == 1)
    return V[LO];
  else {
    constexpr int B = std::bit_floor(unsigned(C - 1));
    return estrin<LO, B>(V, pw) + pw[std::bit_width(unsigned(B)) - 1] * estrin<LO + B, C - B>(V, pw);
  }
}
template <int N, class F>
FORCE_INLINE void unroll(F&& f) {
  [&]<int... I>(std::integer_sequence<int, I...>) LAMBDA_INLINE {
    (f(std::integral_constant<int, I>{}), ...);
  }
  (std::make_integer_sequence<int, N>{});
}
template <int N>
FORCE_INLINE v2 horner(const v2* V, double th) {
  v2 s = V[N], t = dup(th);
  unroll<N>([&](auto k) LAMBDA_INLINE { s = s * t + V[N - 1 - k]; });
  return s;
}
// Step: smallest of the two root tests (|u|/|v_k|)^(1/k) at k = N-L-1, N-L, times tol^(1/N) (L > 0: the step
// is known before the last coefficients are). N and tol are free here; heyoka's choice is N = ceil(-ln(tol)/2
// + 1).
template <int N, int L>
FORCE_INLINE double step_size(const v2* V, double lt) {
  constexpr int k1 = N - L, k0 = k1 - 1;
  v2 a = vmax(vabs(V[0]), sw(vabs(V[0]))), n1 = vabs(V[k1]), n0 = vabs(V[k0]);
  v2 n = vmax((v2)_mm_unpacklo_pd((__m128d)n1, (__m128d)n0), (v2)_mm_unpackhi_pd((__m128d)n1, (__m128d)n0));
  v2 l = (log2v(a) - log2v(n)) * v2{1. / k1, 1. / k0};
  double m = std::min(l[0], ((v2)sw(l))[0]);
  return fast_exp2(m + lt);
}
template <int N, int L, bool Save>
__attribute__((noinline)) int taylor(const P& p, double tol, double* out) {
  int steps = 0;
  const v2 c0 = {p.a, -p.c}, c1 = {-p.b, p.d};
  const Tab<N> tab(c1);
  v2 u = {p.u0, p.u1};
  const double tend = 10, dts = .1, lt = std::log2(tol) / N;
  double t = 0, ts = dts;
  int is = 1;
  *(v2*)out = u;
  while (true) {
    v2 V[N + 1], W[N + 1];
    V[0] = u;
    W[0] = sw(u);
    v2 m1 = c0 + c1 * W[0], m2 = c1 * u;
    V[1] = u * m1;
    W[1] = sw(V[1]);
    auto go = [&]<int... I>(std::integer_sequence<int, I...>) LAMBDA_INLINE {
      (order<I + 1>(m1, m2, tab.cr[I + 1], V, W), ...);
    };
    go(std::make_integer_sequence<int, N - L - 1>{});
    double h = step_size<N, L>(V, lt);
    auto go2 = [&]<int... I>(std::integer_sequence<int, I...>) LAMBDA_INLINE {
      (order<N - L + I>(m1, m2, tab.cr[N - L + I], V, W), ...);
    };
    go2(std::make_integer_sequence<int, L>{});
    bool fin = t + h > tend - 1e-12;
    if (fin) h = tend - t;
    double tn = t + h;
    ++steps;
    v2 pw[6];
    pw[0] = dup(h);
    unroll<5>([&](auto i) LAMBDA_INLINE { pw[i + 1] = pw[i] * pw[i]; });
    v2 un = estrin<0, N + 1>(V, pw);
    if constexpr (Save)
      while (ts < tn && is < NS - 1) {
        *(v2*)(out + 2 * is) = horner<N>(V, ts - t);
        ++is;
        ts = dts * is;
      }
    if (fin) {
      *(v2*)(out + 2 * (NS - 1)) = un;
      return steps;
    }
    t = tn;
    u = un;
  }
}

// ---- gradient: value and reverse sweep of the same recurrences, step sizes held fixed. R keeps the swapped
// coefficients in falling order, so that the sums over later orders load contiguously: 4 orders a zmm.
template <int N>
using Rec = TaylorRecord;
static_assert(sizeof(TaylorRecord::R) >= 2 * (20 + 8) * sizeof(double));
struct Rev {
  double* p;
  FORCE_INLINE v2& operator[](int k) const { return *(v2*)(p - 2 * k); }
};
FORCE_INLINE v8 quad(v2 s) {
  return (v8)_mm512_broadcast_f64x2((__m128d)s);
}
template <int N, int L>
__attribute__((noinline)) Grad taylor_grad(const P& p, double tol, const double* w, Rec<N>* tape,
                                           double* out) {
  constexpr int B = (N + 4) / 4;  // zmm blocks of 4 orders, 0..N
  Grad G;
  const v2 c0 = {p.a, -p.c}, c1 = {-p.b, p.d};
  const Tab<N> tab(c1);
  v2 u = {p.u0, p.u1}, ls = {w[0], w[1]};
  const double tend = 10, dts = .1, lt = std::log2(tol) / N;
  double t = 0, ts = dts;
  int is = 1, n = 0;
  *(v2*)out = u;
  while (true) {
    Rec<N>& r = tape[n++];
    v2 V[N + 1];
    Rev W{r.R + 2 * N};
    V[0] = u;
    W[0] = sw(u);
    v2 m1 = c0 + c1 * W[0], m2 = c1 * u;
    V[1] = u * m1;
    W[1] = sw(V[1]);
    auto go = [&]<int... I>(std::integer_sequence<int, I...>) LAMBDA_INLINE {
      (order<I + 1>(m1, m2, tab.cr[I + 1], V, W), ...);
    };
    go(std::make_integer_sequence<int, N - L - 1>{});
    double h = step_size<N, L>(V, lt);
    auto go2 = [&]<int... I>(std::integer_sequence<int, I...>) LAMBDA_INLINE {
      (order<N - L + I>(m1, m2, tab.cr[N - L + I], V, W), ...);
    };
    go2(std::make_integer_sequence<int, L>{});
    bool fin = t + h > tend - 1e-12;
    if (fin) h = tend - t;
    double tn = t + h;
    r.t = t;
    r.h = h;
    r.s0 = is;
    v2 pw[6];
    pw[0] = dup(h);
    unroll<5>([&](auto i) LAMBDA_INLINE { pw[i + 1] = pw[i] * pw[i]; });
    v2 un = estrin<0, N + 1>(V, pw);
    while (ts < tn && is < NS - 1) {
      v2 o = horner<N>(V, ts - t);
      *(v2*)(out + 2 * is) = o;
      ls += o * *(const v2*)(w + 2 * is);
      ++is;
      ts = dts * is;
    }
    r.s1 = is;
    t = tn;
    u = un;
    if (fin) break;
  }
  *(v2*)(out + 2 * (NS - 1)) = u;
  v2 lam = *(const v2*)(w + 2 * (NS - 1));
  ls += u * lam;
  G.steps = n;
  G.loss = ls[0] + ls[1];
  v2 q0 = {0, 0}, q1 = {0, 0};
  const v2 c1s = sw(c1);
  for (int i = n - 1; i >= 0; --i) {
    const Rec<N>& r = tape[i];
    v8 acc[B];
    auto seed = [&](double s, v2 wt, auto first) LAMBDA_INLINE {  // acc_k (+)= wt s^k
      double s2 = s * s, s3 = s2 * s;
      v8 f = {1, 1, s, s, s2, s2, s3, s3},
         s4 = {s2 * s2, s2 * s2, s2 * s2, s2 * s2, s2 * s2, s2 * s2, s2 * s2, s2 * s2};
      f *= quad(wt);
      unroll<B>([&](auto q) LAMBDA_INLINE {
        if constexpr (first.value)
          acc[q] = f;
        else
          acc[q] += f;
        if constexpr (q + 1 < B) f *= s4;
      });
    };
    seed(r.h, lam, std::true_type{});
    for (int k = r.s0; k < r.s1; ++k) seed(dts * k - r.t, *(const v2*)(w + 2 * k), std::false_type{});
    auto Wt = [&](int k) LAMBDA_INLINE { return *(const v2*)(r.R + 2 * (N - k)); };
    v2 W0 = Wt(0), W1 = Wt(1), m1 = c0 + c1 * W0, m2 = c1s * W0, n1 = c1 * W1, n2 = c1s * W1, L0 = {0, 0},
       L1 = {0, 0};  // L0: order k+1, L1: order k+2
    v2 S[N + 1];  // sums from later orders, taken out of the blocks just before the near terms (kept apart as
                  // matrices) would enter
    auto lane = [&](auto k) LAMBDA_INLINE {
      if constexpr (k % 4 == 0)
        S[k] = (v2)_mm512_castpd512_pd128((__m512d)acc[k / 4]);
      else
        S[k] = (v2)_mm512_extractf64x2_pd((__m512d)acc[k / 4], k % 4);
    };
    lane(std::integral_constant<int, N>{});
    lane(std::integral_constant<int, N - 1>{});
    auto take = [&]<int K>(std::integral_constant<int, K>) LAMBDA_INLINE {
      v2 s = S[K];
      if constexpr (K < N) {
        constexpr double rk = 1. / (K + 1), rk1 = 1. / (K + 2);
        v2 s2 = (m2 * rk) * sw(L0) + s, s1;
        if constexpr (K == N - 1)
          s1 = (m1 * rk) * L0;
        else
          s1 = (m1 * rk) * L0 + ((n1 * rk1) * L1 + (n2 * rk1) * sw(L1));
        s = s1 + s2;
      }
      if constexpr (K > 1) lane(std::integral_constant<int, K - 2>{});
      if constexpr (K > 0) {  // seed of the product of order K-1 reaches orders 0..K-3 here, K-2 and K-1
                              // through the matrices
        v2 g = tab.cr[K - 1] * s, Vk = sw(Wt(K)), Vm = sw(Wt(K - 1));
        q0 += g * Vm;
        q1 += s * Vk;
        if constexpr (K > 2) {
          v2 z = g + sw(g);
          v8 zz = (v8)_mm512_broadcastsd_pd((__m128d)z);
          unroll<(K + 1) / 4>([&](auto q) LAMBDA_INLINE {
            acc[q] += zz * (v8)_mm512_loadu_pd(r.R + 2 * (N - (K - 1) + 4 * q));
          });
        }
      }
      L1 = L0;
      L0 = s;
    };
    auto all = [&]<int... I>(std::integer_sequence<int, I...>) LAMBDA_INLINE {
      (take(std::integral_constant<int, N - I>{}), ...);
    };
    all(std::make_integer_sequence<int, N + 1>{});
    lam = L0;
  }
  lam += *(const v2*)w;
  v2 pc0 = q0 / c1, pc1 = (q1 - c0 * pc0) / c1;
  G.g[0] = lam[0];
  G.g[1] = lam[1];
  G.g[2] = pc0[0];
  G.g[3] = -pc1[0];
  G.g[4] = -pc0[1];
  G.g[5] = pc1[1];
  return G;
}

}  // namespace

int lotka_volterra_taylor(const std::array<double, 2>& u0, const std::array<double, 4>& p, double tolerance,
                          std::span<double, lotka_volterra_saved> saved) {
  return taylor<20, 0, true>(P{p[0], p[1], p[2], p[3], u0[0], u0[1]}, tolerance, saved.data());
}

LotkaVolterraGradient lotka_volterra_taylor_gradient(const std::array<double, 2>& u0,
                                                     const std::array<double, 4>& p, double tolerance,
                                                     std::span<const double, lotka_volterra_saved> weights,
                                                     std::vector<TaylorRecord>& tape) {
  tape.resize(400);
  alignas(64) double saved[lotka_volterra_saved];
  const Grad g = taylor_grad<16, 0>(P{p[0], p[1], p[2], p[3], u0[0], u0[1]}, tolerance, weights.data(),
                                    tape.data(), saved);
  LotkaVolterraGradient result;
  result.value = g.loss;
  for (std::size_t i = 0; i < 6; ++i) result.gradient[i] = g.g[i];
  result.statistics.accepted = g.steps;
  return result;
}

}  // namespace limits
