#pragma once

#include <costate/core/matrix.hpp>

#include <cstddef>
#include <span>
#include <vector>

namespace costate::linalg {

/// A P = Q R of a dense matrix [rows × columns] by Householder reflections with column pivoting, the
/// diagonal of R falling in size: least squares and numerical rank.
///
/// Any shape, T = float or double. Columns that are not finite do not count for the rank. G. H. Golub & C. F.
/// Van Loan, Matrix Computations, 4th ed., algorithms 5.1.1 and 5.4.1.
template <class T>
class QR {
 public:
  QR() = default;
  explicit QR(const Matrix<T>& a) { factor({a.data(), a.size()}, a.rows(), a.cols()); }

  /// `a`: column by column. Keeps the memory of before.
  void factor(std::span<const T> a, std::size_t rows, std::size_t columns);

  std::size_t rows() const { return rows_; }
  std::size_t columns() const { return columns_; }
  /// How many diagonal entries of R exceed `tolerance` · |R₁₁|; unset (0): max(rows, columns) · ε.
  std::size_t rank(double tolerance = 0) const;
  /// The x of smallest |A x − b| that has `rank` non-zeros (the basic solution); x: [columns], b: [rows].
  void solve(std::span<const T> b, std::span<T> x, std::size_t rank) const;
  Vector<T> solve(const Vector<T>& b) const;
  /// (AᵀA)⁻¹ = P R⁻¹ R⁻ᵀ Pᵀ [columns × columns]; all NaN where the rank is not full.
  Matrix<T> inverse_gram() const;

 private:
  std::size_t rows_ = 0, columns_ = 0;
  std::vector<T> a_;                   ///< R in the upper triangle, below it the reflections
  std::vector<double> beta_;           ///< I − β v vᵀ, v₁ = 1
  std::vector<std::size_t> pivot_;     ///< column k of A P is column pivot_[k] of A
  std::vector<double> norm_, before_;  ///< of what is left of the columns
  mutable std::vector<double> work_;
};

extern template class QR<float>;
extern template class QR<double>;

}  // namespace costate::linalg
