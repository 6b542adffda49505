#pragma once

#include <array>
#include <bit>
#include <immintrin.h>

#if !defined(__AVX512F__) || !defined(__AVX512DQ__)
#error "the limit programs are written for AVX-512: build them with -march=native on a processor that has it"
#endif

namespace limits {

/// A 512-bit register of T. even(a), odd(a): lanes (x, y, x, y, …) become x everywhere or y everywhere;
/// sum2(a, b): (Σa, Σb) repeated.
template <class T>
struct V;
template <>
struct V<float> {
  using R = __m512;
  static constexpr int L = 16;
  R v;
  V() = default;
  [[gnu::always_inline]] V(R r) : v(r) {}
  [[gnu::always_inline]] V(float s) : v(_mm512_set1_ps(s)) {}
  [[gnu::always_inline]] static V load(const float* p) { return _mm512_load_ps(p); }
  [[gnu::always_inline]] void store(float* p) const { _mm512_store_ps(p, v); }
  [[gnu::always_inline]] friend V operator+(V a, V b) { return _mm512_add_ps(a.v, b.v); }
  [[gnu::always_inline]] friend V operator-(V a, V b) { return _mm512_sub_ps(a.v, b.v); }
  [[gnu::always_inline]] friend V operator*(V a, V b) { return _mm512_mul_ps(a.v, b.v); }
  [[gnu::always_inline]] friend V fma(V a, V b, V c) { return _mm512_fmadd_ps(a.v, b.v, c.v); }    // ab + c
  [[gnu::always_inline]] friend V fnma(V a, V b, V c) { return _mm512_fnmadd_ps(a.v, b.v, c.v); }  // c − ab
  [[gnu::always_inline]] friend V max(V a, V b) { return _mm512_max_ps(a.v, b.v); }
  [[gnu::always_inline]] friend V min(V a, V b) { return _mm512_min_ps(a.v, b.v); }
  [[gnu::always_inline]] friend V abs(V a) { return _mm512_abs_ps(a.v); }
  [[gnu::always_inline]] friend V rcp(V a) { return _mm512_rcp14_ps(a.v); }
  [[gnu::always_inline]] friend V even(V a) { return _mm512_permute_ps(a.v, 0xA0); }
  [[gnu::always_inline]] friend V odd(V a) { return _mm512_permute_ps(a.v, 0xF5); }
  [[gnu::always_inline]] friend V sum2(V a, V b) {
    __m512 t = _mm512_add_ps(_mm512_unpacklo_ps(a.v, b.v), _mm512_unpackhi_ps(a.v, b.v));
    t = _mm512_add_ps(t, _mm512_permute_ps(t, 0x4E));
    t = _mm512_add_ps(t, _mm512_shuffle_f32x4(t, t, 0xB1));
    return _mm512_add_ps(t, _mm512_shuffle_f32x4(t, t, 0x4E));
  }
  [[gnu::always_inline]] static V pair(float x, float y) {
    return _mm512_castpd_ps(_mm512_set1_pd(std::bit_cast<double>(std::array<float, 2>{x, y})));
  }
  [[gnu::always_inline]] float x() const { return _mm512_cvtss_f32(v); }
  [[gnu::always_inline]] float y() const { return _mm512_cvtss_f32(_mm512_permute_ps(v, 0xF5)); }
};
template <>
struct V<double> {
  using R = __m512d;
  static constexpr int L = 8;
  R v;
  V() = default;
  [[gnu::always_inline]] V(R r) : v(r) {}
  [[gnu::always_inline]] V(double s) : v(_mm512_set1_pd(s)) {}
  [[gnu::always_inline]] static V load(const double* p) { return _mm512_load_pd(p); }
  [[gnu::always_inline]] void store(double* p) const { _mm512_store_pd(p, v); }
  [[gnu::always_inline]] friend V operator+(V a, V b) { return _mm512_add_pd(a.v, b.v); }
  [[gnu::always_inline]] friend V operator-(V a, V b) { return _mm512_sub_pd(a.v, b.v); }
  [[gnu::always_inline]] friend V operator*(V a, V b) { return _mm512_mul_pd(a.v, b.v); }
  [[gnu::always_inline]] friend V fma(V a, V b, V c) { return _mm512_fmadd_pd(a.v, b.v, c.v); }
  [[gnu::always_inline]] friend V fnma(V a, V b, V c) { return _mm512_fnmadd_pd(a.v, b.v, c.v); }
  [[gnu::always_inline]] friend V max(V a, V b) { return _mm512_max_pd(a.v, b.v); }
  [[gnu::always_inline]] friend V min(V a, V b) { return _mm512_min_pd(a.v, b.v); }
  [[gnu::always_inline]] friend V abs(V a) { return _mm512_abs_pd(a.v); }
  [[gnu::always_inline]] friend V rcp(V a) { return _mm512_rcp14_pd(a.v); }
  [[gnu::always_inline]] friend V even(V a) { return _mm512_movedup_pd(a.v); }
  [[gnu::always_inline]] friend V odd(V a) { return _mm512_permute_pd(a.v, 0xFF); }
  [[gnu::always_inline]] friend V sum2(V a, V b) {
    __m512d t = _mm512_add_pd(_mm512_unpacklo_pd(a.v, b.v), _mm512_unpackhi_pd(a.v, b.v));
    t = _mm512_add_pd(t, _mm512_shuffle_f64x2(t, t, 0xB1));
    return _mm512_add_pd(t, _mm512_shuffle_f64x2(t, t, 0x4E));
  }
  [[gnu::always_inline]] static V pair(double x, double y) { return _mm512_set_pd(y, x, y, x, y, x, y, x); }
  [[gnu::always_inline]] double x() const { return _mm512_cvtsd_f64(v); }
  [[gnu::always_inline]] double y() const { return _mm512_cvtsd_f64(_mm512_permute_pd(v, 0xFF)); }
};

/// tanh in single precision: x P4(x^2)/Q4(x^2) fitted to 2.1e-8 relative on |x| <= 9 (own minimax fit), one
/// Newton step on a 14-bit reciprocal.
[[gnu::always_inline]] inline V<float> vtanh(V<float> x) {
  using F = V<float>;
  x = max(min(x, F(9.0f)), F(-9.0f));
  F z = x * x, z2 = z * z;
  F p = fma(fma(F(1.33572164e-8f), z, F(2.0611261e-5f)), z2 * z,
            fma(fma(F(0.00349573487f), z, F(0.13381154f)), z, F(0.99999998f)));
  F q = fma(fma(F(7.7777034e-7f), z, F(0.00032858647f)), z2 * z,
            fma(fma(F(0.0258775554f), z, F(0.467144699f)), z, F(1.0f)));
  F r = rcp(q);
  F n = x * p;
  r = r * fnma(q, r, F(2.0f));
  return n * r;
}
/// tanh in double precision: tanh = -m/(m+2), m = expm1(-2|x|) = 2^n T_j (1+p) - 1, T_j = 2^(j/16) by
/// register table look-up, p = expm1(r), |r| <= ln2/32.
[[gnu::always_inline]] inline V<double> vtanh(V<double> x) {
  using D = V<double>;
  D a = min(abs(x), D(20.0));
  const D magic(6755399441055744.0);
  D k = fma(a, D(-46.166241308446829), magic);
  const __m512d t0 =
      _mm512_setr_pd(1.0, 1.04427378242741384, 1.09050773266525766, 1.13878863475669165, 1.18920711500272107,
                     1.24185781207348405, 1.29683955465100967, 1.35425554693689273);
  const __m512d t1 =
      _mm512_setr_pd(1.41421356237309505, 1.47682614593949931, 1.54221082540794082, 1.61049033194925431,
                     1.68179283050742909, 1.75625216037329948, 1.83400808640934246, 1.91520656139714729);
  D T = _mm512_permutex2var_pd(t0, _mm512_castpd_si512(k.v), t1);
  k = k - magic;
  D r = fma(k, D(-0.043321698784996582), a * D(-2.0));
  D r2 = r * r;
  D e = fma(fma(D(0.000198414637874701796), r, D(0.00138890634406553261)), r2 * r2,
            fma(fma(D(0.00833333333299209006), r, D(0.041666666663595473)), r2,
                fma(D(0.166666666666666676), r, D(0.5))));
  D p = fma(e, r2, r);
  D s = _mm512_scalef_pd(T.v, _mm512_mul_pd(k.v, _mm512_set1_pd(0.0625)));
  D m = fma(s, p, s - D(1.0));
  D d = m + D(2.0), q = rcp(d);
  D h = fnma(d, q, D(1.0));
  q = fma(q, h, q);  // 28 bits
  h = fnma(d, q, D(1.0));
  q = fma(q, h, q);  // 53 bits
  return _mm512_or_pd(_mm512_and_pd(x.v, _mm512_set1_pd(-0.0)), _mm512_abs_pd((m * q).v));
}

}  // namespace limits
