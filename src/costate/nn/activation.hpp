#pragma once

#include <costate/core/math.hpp>
#include <costate/nn/dense_kernels.hpp>

#include <cmath>
#include <type_traits>

/// Activations of layers: empty values, usable as template arguments (`Dense<2, 50, activation::tanh>`) and
/// as arguments.
///
/// Each is a function of one scalar of any real type, plain or differentiated, with its first derivative
/// beside it: `activation::tanh(x)`, `activation::tanh.derivative(x)`. Integers are refused, since the result
/// would be truncated. `kind` names the compiled kernel that a layer of plain numbers uses instead.
namespace costate::activation {

/// x.
inline constexpr struct identity_t {
  static constexpr detail::Activation kind = detail::Activation::identity;

  template <class S>
  requires(!std::is_integral_v<S>) constexpr S operator()(const S& x) const { return x; }

  template <class S>
  requires(!std::is_integral_v<S>) constexpr S derivative(const S&) const { return S(1); }
} identity{};

/// tanh x, with derivative 1 − tanh² x.
inline constexpr struct tanh_t {
  static constexpr detail::Activation kind = detail::Activation::tanh;

  template <class S>
  requires(!std::is_integral_v<S>) S operator()(const S& x) const {
    using costate::tanh;
    return tanh(x);
  }

  template <class S>
  requires(!std::is_integral_v<S>) S derivative(const S& x)
  const {
    const S y = (*this)(x);
    return S(1) - y * y;
  }
} tanh{};

/// The logistic function 1 / (1 + e⁻ˣ), written so that neither large side overflows; its derivative is e⁻ˣ /
/// (1 + e⁻ˣ)².
inline constexpr struct sigmoid_t {
  static constexpr detail::Activation kind = detail::Activation::sigmoid;

  template <class S>
  requires(!std::is_integral_v<S>) S operator()(const S& x) const {
    using costate::exp;
    if (x < S(0)) {
      const S e = exp(x);
      return e / (S(1) + e);
    }
    return S(1) / (S(1) + exp(-x));
  }

  template <class S>
  requires(!std::is_integral_v<S>) S derivative(const S& x)
  const {
    using costate::exp;
    const S e = x < S(0) ? S(exp(x)) : S(exp(-x));
    return e / ((S(1) + e) * (S(1) + e));
  }
} sigmoid{};

/// max(x, 0). The derivative at 0 is taken as 0.
inline constexpr struct relu_t {
  static constexpr detail::Activation kind = detail::Activation::relu;

  template <class S>
  requires(!std::is_integral_v<S>) constexpr S operator()(const S& x) const { return x <= S(0) ? S(0) : x; }

  template <class S>
  requires(!std::is_integral_v<S>) constexpr S derivative(const S& x) const {
    if (x != x) return x;
    return x > S(0) ? S(1) : S(0);
  }
} relu{};

/// log(1 + eˣ), computed as max(x, 0) + log1p(e^−|x|); its derivative is the sigmoid.
inline constexpr struct softplus_t {
  static constexpr detail::Activation kind = detail::Activation::softplus;

  template <class S>
  requires(!std::is_integral_v<S>) S operator()(const S& x) const {
    using costate::exp;
    using costate::log1p;
    if (x < S(0)) return log1p(S(exp(x)));
    return x + log1p(S(exp(-x)));
  }

  template <class S>
  requires(!std::is_integral_v<S>) S derivative(const S& x)
  const { return sigmoid(x); }
} softplus{};

/// x Φ(x) with Φ(x) = (1 + erf(x/√2)) / 2, the exact form and not the tanh approximation (Hendrycks & Gimpel
/// 2016, arXiv:1606.08415, §2); its derivative is Φ(x) + x e^(−x²/2) / √(2π).
///
/// Plain numbers keep twelve digits in the left tail; differentiated ones go through erf and are accurate to
/// rounding errors of |x| there.
inline constexpr struct gelu_t {
  static constexpr detail::Activation kind = detail::Activation::gelu;

  template <class S>
  requires(!std::is_integral_v<S>) S operator()(const S& x) const {
    if (x < S(-40)) return S(0);  // below the smallest number of double, and −∞ · 0 would be NaN
    return x * cumulative(x);
  }

  template <class S>
  requires(!std::is_integral_v<S>) S derivative(const S& x)
  const {
    using costate::exp;
    if (x < S(-40)) return S(0);
    if (x > S(40)) return S(1);
    return cumulative(x) + x * S(exp(S(-0.5) * x * x)) * S(0.39894228040143267794);
  }

 private:
  template <class S>
  static S cumulative(const S& x) {
    if constexpr (std::is_floating_point_v<S>) {
      return S(0.5) * std::erfc(x * S(-0.70710678118654752440));
    } else {
      using costate::erf;
      return S(0.5) * (S(1) + erf(S(x * S(0.70710678118654752440))));
    }
  }
} gelu{};

/// x · sigmoid(x), also called SiLU (Elfwing, Uchibe & Doya 2018; Ramachandran, Zoph & Le 2017,
/// arXiv:1710.05941); its derivative is s (1 + x (1 − s)) with s = sigmoid(x).
inline constexpr struct swish_t {
  static constexpr detail::Activation kind = detail::Activation::swish;

  template <class S>
  requires(!std::is_integral_v<S>) S operator()(const S& x) const {
    if (x < S(-800)) return S(0);  // below the smallest number of double, and −∞ · 0 would be NaN
    return x * sigmoid(x);
  }

  template <class S>
  requires(!std::is_integral_v<S>) S derivative(const S& x)
  const {
    if (x < S(-800)) return S(0);
    if (x > S(800)) return S(1);
    return sigmoid(x) + x * sigmoid.derivative(x);
  }
} swish{};

}  // namespace costate::activation
