#pragma once

#include <costate/core/detail/simd.hpp>
#include <costate/nn/dense_kernels.hpp>

/// Elementary functions and activations on packs, for float and double.
///
/// Polynomials are the author's own minimax fits (Remez exchange in 60 digits); the errors of the finished
/// functions are measured in tests/nn/activation_kernels_test.cpp and listed in docs/nn/activation.md.
namespace costate::detail::simd {
inline namespace COSTATE_SIMD_NAMESPACE {

template <class T>
struct Coefficients;

template <>
struct Coefficients<double> {
  static constexpr double log2_e = 1.4426950408889634074;
  static constexpr double ln2_high =
      6.93147180369123816490e-01;  // 33 bits: exact when multiplied by an exponent
  static constexpr double ln2_low = 1.90821492927058770002e-10;
  static constexpr double half_ln2 = 0.34657359027997265471;
  // x eˣ is 0 and eˣ infinite beyond these.
  static constexpr double exp_lowest = -760.0, exp_highest = 710.0;
  static constexpr double tanh_one = 20.0;  // tanh rounds to 1 from here on
  // (tanh y / y − 1) / y² in y², |y| ≤ ln 2 / 4.
  static constexpr double tanh[] = {-3.333333333333247661e-01, 1.333333333278027555e-01,
                                    -5.396825277574461566e-02, 2.186937023258956128e-02,
                                    -8.857292235358674506e-03, 3.444629668994758729e-03};
  // (eʳ − 1 − r) / r² in r, |r| ≤ ln 2 / 2.
  static constexpr double exp[] = {
      5.000000000000011102e-01, 1.666666666666641039e-01, 4.166666666652919099e-02, 8.333333333495627007e-03,
      1.388888894392255585e-03, 1.984126950475715776e-04, 2.480149276283809024e-05, 2.755758735001923895e-06,
      2.763037861456069506e-07, 2.499996275289127688e-08};
  // (artanh w / w − 1) / w² in w², w ≤ 1/3.
  static constexpr double artanh[] = {
      3.333333333333333703e-01, 1.999999999999695632e-01, 1.428571428626032591e-01, 1.111111106231032208e-01,
      9.090911620918322444e-02, 7.692225417037068524e-02, 6.668412780731959588e-02, 5.857861994238570957e-02,
      5.487087719797625190e-02, 3.493910275834016116e-02, 8.239342801534473015e-02};
  // (1 + a) e^(a²/2) Φ(−a) in v = (a − 7) / (a + 7), 0 ≤ a ≤ 39.
  static constexpr double tail_center = 7.0, tail_end = 39.0;
  static constexpr double tail[] = {
      4.471478595243242871e-01,  -7.853641740911404545e-02, 4.391135845808871035e-02,
      -1.431464283454990036e-02, -6.240791721400343849e-03, 1.686217305046442197e-02,
      -1.927655837806210512e-02, 1.655973174064684361e-02,  -1.178758953421093006e-02,
      7.150443730986495543e-03,  -3.705857868099403461e-03, 1.615118582829353161e-03,
      -5.671043490638532584e-04, 1.428863970510165502e-04,  -1.433319914239387446e-05,
      -7.470314315069058402e-06, 4.373771384871194469e-06,  -8.349352457422360131e-07,
      -2.069662726858900998e-07, 1.711298387672774556e-07,  -8.308449576761527081e-09,
      -1.928611875768898335e-08, -1.576623155649660387e-09};
  static constexpr int low_bits = 27;  // of the mantissa: clear them and squares are exact
};

template <>
struct Coefficients<float> {
  static constexpr float log2_e = 1.44269504f;
  static constexpr float ln2_high = 0.693359375f;  // 10 bits
  static constexpr float ln2_low = -2.12194440e-4f;
  static constexpr float half_ln2 = 0.346573590f;
  static constexpr float exp_lowest = -112.0f, exp_highest = 89.0f;
  static constexpr float tanh_one = 10.0f;
  static constexpr float tanh[] = {-3.333332268951805233e-01f, 1.333117897781053163e-01f,
                                   -5.272555414114211969e-02f};
  static constexpr float exp[] = {4.999999341340740089e-01f, 1.666652010642252213e-01f,
                                  4.166839397400515926e-02f, 8.368780549274828021e-03f,
                                  1.381448074910010234e-03f};
  static constexpr float artanh[] = {3.333320601970039543e-01f, 2.001088508461299487e-01f,
                                     1.399893011282841437e-01f, 1.401564410022940188e-01f};
  // v = (a − 4) / (a + 4), 0 ≤ a ≤ 15.
  static constexpr float tail_center = 4.0f, tail_end = 15.0f;
  static constexpr float tail[] = {
      4.720532068213845189e-01f,  -9.670346639571526792e-02f, 1.399960026251901440e-02f,
      2.859996871897134765e-02f,  -3.219734562242858311e-02f, 1.794022951958716347e-02f,
      -5.003954121197582913e-03f, -3.034520830773322934e-04f, 6.922221190585419294e-04f,
      -6.152294659000032433e-05f, -7.197350304808744904e-05f};
  static constexpr int low_bits = 12;
};

/// c[First] + c[First + 1] x + … over N coefficients, in Estrin's order; powers[k] = x^(2^k).
template <int First, int N, class P, int Count, int Powers>
COSTATE_INLINE P estrin(const typename P::Scalar (&c)[Count], const P (&powers)[Powers]) {
  if constexpr (N == 1) {
    return P(c[First]);
  } else {
    constexpr int level = N > 16 ? 4 : N > 8 ? 3 : N > 4 ? 2 : N > 2 ? 1 : 0;
    constexpr int half = 1 << level;
    return fma(estrin<First + half, N - half, P>(c, powers), powers[level],
               estrin<First, half, P>(c, powers));
  }
}

template <class P, int Count>
COSTATE_INLINE P polynomial(const typename P::Scalar (&c)[Count], P x) {
  constexpr int levels = Count > 16 ? 5 : Count > 8 ? 4 : Count > 4 ? 3 : Count > 2 ? 2 : 1;
  P powers[levels];
  powers[0] = x;
  for (int k = 1; k < levels; ++k) powers[k] = powers[k - 1] * powers[k - 1];
  return estrin<0, Count, P>(c, powers);
}

/// e^(x + low) = mantissa 2ⁿ, where low is far smaller than x.
template <class T, int W>
struct Exponential {
  using P = Pack<T, W>;
  P mantissa, n;

  COSTATE_INLINE explicit Exponential(P x, P low = P(T(0))) {
    using C = Coefficients<T>;
    x = max(P(C::exp_lowest), min(P(C::exp_highest), x));
    n = fma(x, P(C::log2_e), P(rounder<T>)) - P(rounder<T>);
    const P r = fnma(n, P(C::ln2_low), fnma(n, P(C::ln2_high), x)) + low;
    mantissa = P(T(1)) + fma(polynomial(C::exp, r), r * r, r);
  }
  /// Underflow is gradual.
  COSTATE_INLINE P value() const { return scale(mantissa, n); }
  /// Rounded once where it underflows.
  COSTATE_INLINE P times(P factor) const { return scale(mantissa * factor, n); }
};

template <class T, int W>
COSTATE_INLINE Pack<T, W> exp(Pack<T, W> x) {
  return Exponential<T, W>(x).value();
}

/// With |x| = y + n ln2/2, |y| ≤ ln2/4, t = tanh y and s = 2⁻ⁿ, the addition theorem gives tanh |x| = ((1 −
/// s) + t (1 + s)) / ((1 + s) + t (1 − s)): one division, no cancellation at small x.
template <class T, int W>
COSTATE_INLINE Pack<T, W> tanh(Pack<T, W> x) {
  using P = Pack<T, W>;
  using C = Coefficients<T>;
  const P one(T(1));
  const P a = min(P(C::tanh_one), abs(x));
  const P rounded = fma(a, P(T(-2) * C::log2_e), P(rounder<T>));
  const P y = fma(rounded - P(rounder<T>), P(C::half_ln2), a);
  const P s = power_of_two(rounded);
  const P z = y * y;
  const P t = fma(polynomial(C::tanh, z), y * z, y);
  const P plus = one + s, minus = one - s;
  return with_sign(fma(t, plus, minus) / fma(t, minus, plus), x);
}

/// 1 / (1 + e^−|x|) and e^−|x| over the same: the larger and the smaller of σ(x) and σ(−x).
template <class T, int W>
struct SigmoidPair {
  Pack<T, W> larger, smaller;

  COSTATE_INLINE explicit SigmoidPair(Pack<T, W> e)
      : larger(Pack<T, W>(T(1)) / (Pack<T, W>(T(1)) + e)), smaller(e * larger) {}
  COSTATE_INLINE Pack<T, W> at(Pack<T, W> x) const { return select(x < Pack<T, W>(T(0)), smaller, larger); }
};

template <class T, int W>
COSTATE_INLINE Pack<T, W> exp_minus_abs(Pack<T, W> x) {
  return exp(Pack<T, W>(T(0)) - abs(x));
}

/// Each activation: y = act(x), and d = act′(x) where Derivative holds.
struct Identity {
  template <bool Derivative, class P>
  COSTATE_INLINE static P eval(P x, P& d) {
    if constexpr (Derivative) d = P(typename P::Scalar(1));
    return x;
  }
};

struct Tanh {
  template <bool Derivative, class P>
  COSTATE_INLINE static P eval(P x, P& d) {
    const P y = tanh(x);
    if constexpr (Derivative) d = fnma(y, y, P(typename P::Scalar(1)));
    return y;
  }
};

struct Sigmoid {
  template <bool Derivative, class P>
  COSTATE_INLINE static P eval(P x, P& d) {
    const SigmoidPair s(exp_minus_abs(x));
    if constexpr (Derivative) d = s.larger * s.smaller;
    return s.at(x);
  }
};

struct Relu {
  template <bool Derivative, class P>
  COSTATE_INLINE static P eval(P x, P& d) {
    const P zero(typename P::Scalar(0)), one(typename P::Scalar(1));
    const P y = select(x <= zero, zero, x);
    if constexpr (Derivative) d = select(x > zero, one, y);
    return y;
  }
};

struct Softplus {
  template <bool Derivative, class P>
  COSTATE_INLINE static P eval(P x, P& d) {
    using T = typename P::Scalar;
    const P e = exp_minus_abs(x), two(T(2));
    const P w = e / (e + two), z = w * w, w2 = w + w;
    const P y = max(P(T(0)), x) + fma(polynomial(Coefficients<T>::artanh, z), z * w2, w2);
    if constexpr (Derivative) d = SigmoidPair(e).at(x);
    return y;
  }
};

/// x Φ(x), the exact form. Φ(−a) = e^(−a²/2) F(v) / (1 + a); a² is split so that its rounding error does not
/// enter the exponential.
struct Gelu {
  template <bool Derivative, class P>
  COSTATE_INLINE static P eval(P x, P& d) {
    using T = typename P::Scalar;
    using C = Coefficients<T>;
    const P end(C::tail_end), one(T(1));
    const P a = min(end, abs(x));
    const P head(a.bits() & (~typename P::Bit{0} << C::low_bits));
    const P e =
        Exponential<T, P::width>(P(T(-0.5)) * (head * head), P(T(-0.5)) * ((a - head) * (a + head))).value();
    const P v = (a - P(C::tail_center)) / (a + P(C::tail_center));
    const P factor = polynomial(C::tail, v) / (one + a);
    const P bounded = max(P(-C::tail_end), x);  // −∞ · 0 would be NaN
    const auto negative = x < P(T(0));
    if constexpr (Derivative) {
      const P cumulative = select(negative, e * factor, fnma(e, factor, one));
      d = fma(min(end, bounded) * e, P(T(0.39894228040143267794)), cumulative);
    }
    return select(negative, e * (factor * bounded), bounded * fnma(e, factor, one));
  }
};

struct Swish {
  template <bool Derivative, class P>
  COSTATE_INLINE static P eval(P x, P& d) {
    using T = typename P::Scalar;
    using C = Coefficients<T>;
    const Exponential<T, P::width> e(P(T(0)) - abs(x));
    const SigmoidPair s(e.value());
    const P bounded = max(P(T(2) * C::exp_lowest), x);  // −∞ · 0 would be NaN
    if constexpr (Derivative) d = fma(min(P(T(-2) * C::exp_lowest), bounded) * s.larger, s.smaller, s.at(x));
    return select(x < P(T(0)), e.times(bounded), bounded) * s.larger;
  }
};

}  // namespace COSTATE_SIMD_NAMESPACE
}  // namespace costate::detail::simd
