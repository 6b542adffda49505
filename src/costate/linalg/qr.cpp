#include <costate/linalg/qr.hpp>

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

namespace costate::linalg {
namespace {

template <class T>
double length(const T* x, std::size_t n) {
  double largest = 0;
  for (std::size_t i = 0; i < n; ++i) {
    if (!std::isfinite(x[i])) return std::numeric_limits<double>::quiet_NaN();
    largest = std::max(largest, std::fabs(static_cast<double>(x[i])));
  }
  if (largest == 0) return 0;
  double sum = 0;
  for (std::size_t i = 0; i < n; ++i) {
    const double v = static_cast<double>(x[i]) / largest;
    sum += v * v;
  }
  return largest * std::sqrt(sum);
}

/// x ← (I − β v vᵀ) x with v = (1, tail)
template <class T, class X>
void reflect(double beta, const T* tail, X* x, std::size_t n) {
  double sum = static_cast<double>(x[0]);
  for (std::size_t i = 1; i < n; ++i) sum += static_cast<double>(tail[i]) * static_cast<double>(x[i]);
  sum *= beta;
  x[0] = static_cast<X>(static_cast<double>(x[0]) - sum);
  for (std::size_t i = 1; i < n; ++i)
    x[i] = static_cast<X>(static_cast<double>(x[i]) - sum * static_cast<double>(tail[i]));
}

/// Makes x a multiple of the first unit vector; its tail becomes that of v. Returns β.
template <class T>
double make_reflection(T* x, std::size_t n) {
  const double norm = length(x, n), head = static_cast<double>(x[0]);
  if (norm == 0 || n == 1) return 0;
  const double diagonal = head > 0 ? -norm : norm, first = head - diagonal;
  for (std::size_t i = 1; i < n; ++i) x[i] = static_cast<T>(static_cast<double>(x[i]) / first);
  x[0] = static_cast<T>(diagonal);
  return -first / diagonal;
}

}  // namespace

template <class T>
void QR<T>::factor(std::span<const T> a, std::size_t rows, std::size_t columns) {
  rows_ = rows, columns_ = columns;
  a_.assign(a.begin(), a.end());
  const std::size_t steps = std::min(rows, columns);
  beta_.assign(steps, 0);
  pivot_.resize(columns);
  norm_.resize(columns);
  work_.resize(rows);
  for (std::size_t j = 0; j < columns; ++j) {
    pivot_[j] = j;
    norm_[j] = length(a_.data() + j * rows, rows);
  }
  before_ = norm_;
  for (std::size_t k = 0; k < steps; ++k) {
    std::size_t best = k;
    for (std::size_t j = k + 1; j < columns; ++j)
      if (norm_[j] > norm_[best]) best = j;
    if (best != k) {
      std::swap_ranges(a_.begin() + static_cast<std::ptrdiff_t>(k * rows),
                       a_.begin() + static_cast<std::ptrdiff_t>((k + 1) * rows),
                       a_.begin() + static_cast<std::ptrdiff_t>(best * rows));
      std::swap(pivot_[k], pivot_[best]);
      std::swap(norm_[k], norm_[best]);
      std::swap(before_[k], before_[best]);
    }
    T* const column = a_.data() + k * rows + k;
    beta_[k] = make_reflection(column, rows - k);
    for (std::size_t j = k + 1; j < columns; ++j) {
      T* const other = a_.data() + j * rows + k;
      if (beta_[k] != 0) reflect(beta_[k], column, other, rows - k);
      // the norm of the rest by Pythagoras, anew where that cancels
      const double share = static_cast<double>(other[0]) / norm_[j];
      const double left = std::max(0.0, 1 - share * share), ratio = norm_[j] / before_[j];
      if (left * ratio * ratio > std::sqrt(static_cast<double>(std::numeric_limits<T>::epsilon()))) {
        norm_[j] *= std::sqrt(left);
      } else {
        norm_[j] = before_[j] = length(other + 1, rows - k - 1);
      }
    }
  }
}

template <class T>
std::size_t QR<T>::rank(double tolerance) const {
  if (beta_.empty()) return 0;
  if (!(tolerance > 0))
    tolerance = static_cast<double>(std::max(rows_, columns_)) *
                static_cast<double>(std::numeric_limits<T>::epsilon());
  const double smallest = tolerance * std::fabs(static_cast<double>(a_[0]));
  std::size_t k = 0;
  while (k < beta_.size() && std::fabs(static_cast<double>(a_[k * rows_ + k])) > smallest) ++k;
  return k;
}

template <class T>
void QR<T>::solve(std::span<const T> b, std::span<T> x, std::size_t rank) const {
  std::copy(b.begin(), b.end(), work_.begin());
  for (std::size_t k = 0; k < beta_.size(); ++k)
    if (beta_[k] != 0) reflect(beta_[k], a_.data() + k * rows_ + k, work_.data() + k, rows_ - k);
  std::fill(x.begin(), x.end(), T(0));
  for (std::size_t k = rank; k-- > 0;) {
    const double value = work_[k] / static_cast<double>(a_[k * rows_ + k]);
    for (std::size_t i = 0; i < k; ++i) work_[i] -= value * static_cast<double>(a_[k * rows_ + i]);
    x[pivot_[k]] = static_cast<T>(value);
  }
}

template <class T>
Vector<T> QR<T>::solve(const Vector<T>& b) const {
  if (b.size() != rows_) costate::detail::reject_size("QR::solve: b", rows_, b.size());
  Vector<T> x(columns_);
  solve({b.data(), b.size()}, {x.data(), x.size()}, rank());
  return x;
}

template <class T>
Matrix<T> QR<T>::inverse_gram() const {
  const std::size_t n = columns_;
  Matrix<T> gram(n, n);
  if (rank() < n) {
    std::fill(gram.data(), gram.data() + n * n, std::numeric_limits<T>::quiet_NaN());
    return gram;
  }
  // column j of R⁻¹ by substitution; it is zero below j
  std::vector<double> inverse(n * n);
  for (std::size_t j = 0; j < n; ++j) {
    double* const column = inverse.data() + j * n;
    column[j] = 1;
    for (std::size_t k = j + 1; k-- > 0;) {
      column[k] /= static_cast<double>(a_[k * rows_ + k]);
      for (std::size_t i = 0; i < k; ++i) column[i] -= column[k] * static_cast<double>(a_[k * rows_ + i]);
    }
  }
  for (std::size_t i = 0; i < n; ++i)
    for (std::size_t j = 0; j <= i; ++j) {
      double sum = 0;
      for (std::size_t k = i; k < n; ++k) sum += inverse[k * n + i] * inverse[k * n + j];
      gram(pivot_[i], pivot_[j]) = gram(pivot_[j], pivot_[i]) = static_cast<T>(sum);
    }
  return gram;
}

template class QR<float>;
template class QR<double>;

}  // namespace costate::linalg
