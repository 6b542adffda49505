#pragma once

#include <costate/core/errors.hpp>
#include <costate/core/matrix.hpp>
#include <costate/core/memory_pool.hpp>
#include <costate/core/vector.hpp>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

namespace costate {

namespace detail {

/// The factors of a square matrix in one array: U with its diagonal, below it L without its diagonal of ones.
enum class Factored : unsigned char { not_yet, regular, singular };

/// Up to this size the rows are exchanged by comparing and selecting, so that all indices are constants and
/// the matrix can stay in registers.
inline constexpr std::size_t lu_register_limit = 8;

template <class T>
bool lu_larger(const T& a, const T& b) {
  return std::abs(plain(a)) > std::abs(plain(b));
}
template <class T>
[[gnu::always_inline]] inline void lu_exchange_if(bool condition, T& a, T& b) {
  if constexpr (PlainScalar<T>) {
    const T x = condition ? b : a, y = condition ? a : b;
    a = x, b = y;
  } else if (condition) {
    std::swap(a, b);
  }
}
/// Notes the reciprocal of a pivot. False: a zero or a number that is not finite, where the elimination must
/// stop.
template <class T>
[[gnu::always_inline]] inline bool lu_pivot(const T& pivot, T& inverse, Factored& outcome) {
  const auto value = plain(pivot);
  inverse = T(1) / pivot;
  if (!std::isfinite(value) || !std::isfinite(plain(inverse))) outcome = Factored::singular;
  return std::isfinite(value) && value != 0;
}
/// A multiplier of L. |a| ≤ |pivot|, so that the quotient is finite even where the reciprocal is not.
template <class T>
[[gnu::always_inline]] inline T lu_multiplier(const T& a, const T& pivot, const T& inverse) {
  return std::isfinite(plain(inverse)) ? T(a * inverse) : T(a / pivot);
}

/// PA = LU of the n × n matrix a, in place, with partial pivoting; rows[i] is the row of A that became row i.
template <class T>
Factored lu_factor(T* a, T* inverse, std::uint32_t* rows, std::size_t n, bool& odd, bool& complete) {
  Factored outcome = Factored::regular;
  odd = false, complete = false;
  for (std::size_t i = 0; i < n; ++i) rows[i] = static_cast<std::uint32_t>(i);
  for (std::size_t k = 0; k < n; ++k) {
    T* column = a + k * n;
    std::size_t best = k;
    for (std::size_t i = k + 1; i < n; ++i)
      if (lu_larger(column[i], column[best])) best = i;
    if (best != k) {
      for (std::size_t j = 0; j < n; ++j) std::swap(a[j * n + k], a[j * n + best]);
      std::swap(rows[k], rows[best]);
      odd = !odd;
    }
    if (!lu_pivot(column[k], inverse[k], outcome)) {
      complete = k + 1 == n;
      return Factored::singular;
    }
    for (std::size_t i = k + 1; i < n; ++i) column[i] = lu_multiplier(column[i], column[k], inverse[k]);
    for (std::size_t j = k + 1; j < n; ++j) {
      T* other = a + j * n;
      const T factor = other[k];
      for (std::size_t i = k + 1; i < n; ++i) other[i] = other[i] - column[i] * factor;
    }
  }
  complete = true;
  return outcome;
}

/// f(0), …, f(N − 1) with the counter as a constant, so that the loops inside f have constant bounds.
template <std::size_t N, class F>
[[gnu::always_inline]] inline void lu_for_each(F f) {
  [&]<std::size_t... K>(std::index_sequence<K...>) {
    (f(std::integral_constant<std::size_t, K>{}), ...);
  }
  (std::make_index_sequence<N>());
}

/// The same for a size known at compile time and small: the same pivots in the same arithmetic, all indices
/// constant.
template <std::size_t N, class T>
inline Factored lu_factor_in_registers(T* a, T* inverse, std::uint32_t* rows, bool& odd, bool& complete) {
  Factored outcome = Factored::regular;
  odd = false, complete = false;
  for (std::size_t i = 0; i < N; ++i) rows[i] = static_cast<std::uint32_t>(i);
  bool stopped = false;
  lu_for_each<N>([&](auto constant) __attribute__((always_inline)) {
    constexpr std::size_t k = decltype(constant)::value;
    if (stopped) return;
#pragma GCC unroll 8
    for (std::size_t i = k + 1; i < N; ++i) {
      const bool exchange = lu_larger(a[k * N + i], a[k * N + k]);
#pragma GCC unroll 8
      for (std::size_t j = 0; j < N; ++j) lu_exchange_if(exchange, a[j * N + k], a[j * N + i]);
      lu_exchange_if(exchange, rows[k], rows[i]);
      odd = odd != exchange;
    }
    if (!lu_pivot(a[k * N + k], inverse[k], outcome)) {
      complete = k + 1 == N;
      outcome = Factored::singular;
      stopped = true;
      return;
    }
#pragma GCC unroll 8
    for (std::size_t i = k + 1; i < N; ++i)
      a[k * N + i] = lu_multiplier(a[k * N + i], a[k * N + k], inverse[k]);
#pragma GCC unroll 8
    for (std::size_t j = k + 1; j < N; ++j)
#pragma GCC unroll 8
      for (std::size_t i = k + 1; i < N; ++i) a[j * N + i] = a[j * N + i] - a[k * N + i] * a[j * N + k];
  });
  if (!stopped) complete = true;
  return outcome;
}

/// LU x = y, in place.
template <class T, class S>
void lu_substitute(const T* a, const T* inverse, S* x, std::size_t n) {
  for (std::size_t k = 0; k < n; ++k)
    for (std::size_t i = k + 1; i < n; ++i) x[i] = x[i] - a[k * n + i] * x[k];
  for (std::size_t k = n; k-- > 0;) {
    x[k] = x[k] * inverse[k];
    for (std::size_t i = 0; i < k; ++i) x[i] = x[i] - a[k * n + i] * x[k];
  }
}
template <std::size_t N, class T, class S>
inline void lu_substitute_in_registers(const T* a, const T* inverse, S* x) {
  lu_for_each<N>([&](auto constant) __attribute__((always_inline)) {
    constexpr std::size_t k = decltype(constant)::value;
#pragma GCC unroll 8
    for (std::size_t i = k + 1; i < N; ++i) x[i] = x[i] - a[k * N + i] * x[k];
  });
  lu_for_each<N>([&](auto constant) __attribute__((always_inline)) {
    constexpr std::size_t k = N - 1 - decltype(constant)::value;
    x[k] = x[k] * inverse[k];
#pragma GCC unroll 8
    for (std::size_t i = 0; i < k; ++i) x[i] = x[i] - a[k * N + i] * x[k];
  });
}
/// UᵀLᵀ x = y, in place.
template <class T, class S>
void lu_substitute_transposed(const T* a, const T* inverse, S* x, std::size_t n) {
  for (std::size_t k = 0; k < n; ++k) {
    for (std::size_t i = 0; i < k; ++i) x[k] = x[k] - a[k * n + i] * x[i];
    x[k] = x[k] * inverse[k];
  }
  for (std::size_t k = n; k-- > 0;)
    for (std::size_t i = k + 1; i < n; ++i) x[k] = x[k] - a[k * n + i] * x[i];
}
template <std::size_t N, class T, class S>
inline void lu_substitute_transposed_in_registers(const T* a, const T* inverse, S* x) {
  lu_for_each<N>([&](auto constant) __attribute__((always_inline)) {
    constexpr std::size_t k = decltype(constant)::value;
#pragma GCC unroll 8
    for (std::size_t i = 0; i < k; ++i) x[k] = x[k] - a[k * N + i] * x[i];
    x[k] = x[k] * inverse[k];
  });
  lu_for_each<N>([&](auto constant) __attribute__((always_inline)) {
    constexpr std::size_t k = N - 1 - decltype(constant)::value;
#pragma GCC unroll 8
    for (std::size_t i = k + 1; i < N; ++i) x[k] = x[k] - a[k * N + i] * x[i];
  });
}

extern template Factored lu_factor(float*, float*, std::uint32_t*, std::size_t, bool&, bool&);
extern template Factored lu_factor(double*, double*, std::uint32_t*, std::size_t, bool&, bool&);

}  // namespace detail

namespace linalg {

/// The factorization PA = LU of a dense matrix with partial pivoting, as a value.
///
///     const LU lu(a);                    // a: Matrix<T, N, N>, or Matrix<T> with its size known at run time
///     if (!lu.singular()) x = lu.solve(b);
///
/// Up to 8 × 8 with a size known at compile time the factors stay in registers and nothing is allocated. T
/// may be Dual or Var: pivots are chosen by the plain value, derivatives are carried through. G. H. Golub &
/// C. F. Van Loan, Matrix Computations, 4th ed., algorithms 3.4.1 and 3.1.1.
template <class T, std::size_t N = dynamic>
class LU {
  static_assert(!std::is_integral_v<T>,
                "costate::linalg::LU: integers cannot be divided exactly; want float, double, Dual or Var");

 public:
  LU() = default;
  template <std::size_t R, std::size_t C>
  explicit LU(const Matrix<T, R, C>& a) {
    factor(a);
  }

  /// Factors another matrix and keeps the memory. True where it is regular. Throws std::invalid_argument
  /// where a is not square or not of size N.
  template <std::size_t R, std::size_t C>
  bool factor(const Matrix<T, R, C>& a) {
    if (a.rows() != a.cols())
      detail::reject("LU: matrix", "as many rows as columns",
                     std::to_string(a.rows()) + " x " + std::to_string(a.cols()));
    if (N != dynamic && a.rows() != N) detail::reject_size("LU: rows", N, a.rows());
    n_ = a.rows();
    if constexpr (N == dynamic) {
      factors_.resize(n_ * n_);
      inverse_.resize(n_);
      rows_.resize(n_);
    }
    std::copy(a.data(), a.data() + n_ * n_, factors_.data());
    if constexpr (N <= detail::lu_register_limit) {
      outcome_ =
          detail::lu_factor_in_registers<N>(factors_.data(), inverse_.data(), rows_.data(), odd_, complete_);
    } else {
      outcome_ = detail::lu_factor(factors_.data(), inverse_.data(), rows_.data(), size(), odd_, complete_);
    }
    return !singular();
  }

  std::size_t size() const {
    if constexpr (N != dynamic)
      return N;
    else
      return n_;
  }
  /// A pivot is 0, not finite, or so small that its reciprocal is not finite (also before any matrix was
  /// factored). No other pivot counts as zero: a matrix that is singular up to rounding gives a solution that
  /// is large.
  bool singular() const { return outcome_ != detail::Factored::regular; }

  /// x with A x = b; all NaN where the matrix is singular. Throws std::invalid_argument where nothing was
  /// factored or b has the wrong size.
  template <class B>
  auto solve(const B& b) const {
    return solution_of(b, [this](const auto& y, auto& x) {
      for (std::size_t i = 0; i < size(); ++i) x[i] = y[rows_[i]];
      if constexpr (N <= detail::lu_register_limit)
        detail::lu_substitute_in_registers<N>(factors_.data(), inverse_.data(), x.data());
      else
        detail::lu_substitute(factors_.data(), inverse_.data(), x.data(), size());
    });
  }
  /// x with Aᵀ x = b, likewise.
  template <class B>
  auto solve_transposed(const B& b) const {
    return solution_of(b, [this](const auto& y, auto& x) {
      auto z = y;
      if constexpr (N <= detail::lu_register_limit)
        detail::lu_substitute_transposed_in_registers<N>(factors_.data(), inverse_.data(), z.data());
      else
        detail::lu_substitute_transposed(factors_.data(), inverse_.data(), z.data(), size());
      for (std::size_t i = 0; i < size(); ++i) x[rows_[i]] = z[i];
    });
  }

  /// det A: the product of the pivots with the sign of the permutation. Where the elimination had to stop at
  /// a zero before the last pivot, it is 0 for plain numbers and NaN for differentiating ones, whose
  /// derivative is not in the factors.
  T determinant() const {
    check_factored("LU::determinant");
    T product(1);
    for (std::size_t k = 0; k < size(); ++k) product = product * factors_[k * size() + k];
    if (!complete_) {
      bool zero = false;
      for (std::size_t k = 0; k < size(); ++k) zero = zero || plain(factors_[k * size() + k]) == 0;
      if (PlainScalar<T> && zero) return T(0);
      return T(std::numeric_limits<base_t<T>>::quiet_NaN());
    }
    return odd_ ? T(-product) : product;
  }

 private:
  void check_factored(const char* where) const {
    if (outcome_ == detail::Factored::not_yet) detail::reject(where, "a matrix that was factored", "none");
  }
  template <class B, class Substitute>
  auto solution_of(const B& right, Substitute substitute) const {
    const auto& b = view_of(right);
    check_factored("LU::solve");
    if (b.size() != size()) detail::reject_size("LU::solve: right-hand side", size(), b.size());
    using S = common_scalar_t<T, scalar_of<decltype(b)>>;
    auto x = detail::zeros<S, N>(size());
    if (singular()) {
      for (std::size_t i = 0; i < size(); ++i) x[i] = S(std::numeric_limits<base_t<S>>::quiet_NaN());
      return x;
    }
    const Vector<S, N> y(b);
    substitute(y, x);
    return x;
  }
  template <VectorLike V>
  static const V& view_of(const V& x) {
    return x;
  }
  template <class S>
  static VectorView<const S> view_of(const std::vector<S>& x) {
    return {x.data(), x.size()};
  }

  template <class E, std::size_t Count>
  using Storage = std::conditional_t<N == dynamic, detail::Buffer<E>, std::array<E, Count>>;
  static constexpr std::size_t count_ = N == dynamic ? 1 : N;

  Storage<T, count_ * count_> factors_{};
  Storage<T, count_> inverse_{};
  Storage<std::uint32_t, count_> rows_{};
  std::size_t n_ = N == dynamic ? 0 : N;
  detail::Factored outcome_ = detail::Factored::not_yet;
  bool odd_ = false, complete_ = false;
};
template <class T, std::size_t R, std::size_t C>
LU(const Matrix<T, R, C>&) -> LU<T, R == C ? R : dynamic>;

extern template class LU<float>;
extern template class LU<double>;

}  // namespace linalg
}  // namespace costate
