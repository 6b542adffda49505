#pragma once

#include <costate/core/vector.hpp>

#include <cstddef>
#include <initializer_list>

namespace costate {

/// A matrix stored column by column; sizes at compile time or, by default, at run time. A batch of states is
/// a Matrix of [features × samples]. Zero unless given; braces list rows: `Matrix<double, 2, 2>{{1, 2}, {3,
/// 4}}`.
template <class T, std::size_t Rows = dynamic, std::size_t Cols = dynamic>
class Matrix {
  static constexpr bool fixed = Rows != dynamic && Cols != dynamic;
  static constexpr std::size_t extent_ = fixed ? Rows * Cols : dynamic;

 public:
  using value_type = T;

  Matrix() requires fixed = default;
  Matrix() requires(!fixed) : rows_(0), cols_(0) {}
  Matrix(std::size_t rows, std::size_t cols) : data_(detail::zeros<T, extent_>(rows * cols)) {
    set_shape(rows, cols);
  }
  Matrix(std::initializer_list<std::initializer_list<T>> rows)
      : data_(detail::zeros<T, extent_>(rows.size() * (rows.size() ? rows.begin()->size() : 0))) {
    set_shape(rows.size(), rows.size() ? rows.begin()->size() : 0);
    std::size_t i = 0;
    for (const auto& row : rows) {
      if (row.size() != cols()) detail::reject_size("Matrix row", cols(), row.size());
      std::size_t j = 0;
      for (const T& value : row) (*this)(i, j++) = value;
      ++i;
    }
  }

  constexpr std::size_t rows() const {
    if constexpr (Rows != dynamic)
      return Rows;
    else
      return rows_;
  }
  constexpr std::size_t cols() const {
    if constexpr (Cols != dynamic)
      return Cols;
    else
      return cols_;
  }
  std::size_t size() const { return rows() * cols(); }
  T& operator()(std::size_t i, std::size_t j) { return data_[i + rows() * j]; }
  const T& operator()(std::size_t i, std::size_t j) const { return data_[i + rows() * j]; }
  T* data() { return data_.data(); }
  const T* data() const { return data_.data(); }
  /// Column j as a view.
  VectorView<T, Rows> column(std::size_t j) { return {data() + rows() * j, rows()}; }
  VectorView<const T, Rows> column(std::size_t j) const { return {data() + rows() * j, rows()}; }

 private:
  void set_shape(std::size_t rows, std::size_t cols) {
    if constexpr (Rows != dynamic) {
      if (rows != Rows) detail::reject_size("Matrix rows", Rows, rows);
    }
    if constexpr (Cols != dynamic) {
      if (cols != Cols) detail::reject_size("Matrix columns", Cols, cols);
    }
    rows_ = rows;
    cols_ = cols;
  }

  Vector<T, extent_> data_{};
  std::size_t rows_ = Rows == dynamic ? 0 : Rows;
  std::size_t cols_ = Cols == dynamic ? 0 : Cols;
};

/// A x
template <class T, std::size_t R, std::size_t C, VectorLike V>
auto operator*(const Matrix<T, R, C>& a, const V& x) {
  if (x.size() != a.cols()) detail::reject_size("matrix times vector", a.cols(), x.size());
  auto y = detail::zeros<common_scalar_t<T, scalar_of<V>>, R>(a.rows());
  for (std::size_t j = 0; j < a.cols(); ++j)
    for (std::size_t i = 0; i < a.rows(); ++i) y[i] = y[i] + a(i, j) * x[j];
  return y;
}

/// A B
template <class T, class S, std::size_t R, std::size_t K, std::size_t L, std::size_t C>
auto operator*(const Matrix<T, R, K>& a, const Matrix<S, L, C>& b) {
  if (b.rows() != a.cols()) detail::reject_size("matrix times matrix (rows)", a.cols(), b.rows());
  Matrix<common_scalar_t<T, S>, R, C> result(a.rows(), b.cols());
  for (std::size_t j = 0; j < b.cols(); ++j)
    for (std::size_t k = 0; k < a.cols(); ++k)
      for (std::size_t i = 0; i < a.rows(); ++i) result(i, j) = result(i, j) + a(i, k) * b(k, j);
  return result;
}

template <class T, class S, std::size_t R, std::size_t C>
auto operator+(const Matrix<T, R, C>& a, const Matrix<S, R, C>& b) {
  if (b.rows() != a.rows() || b.cols() != a.cols()) detail::reject_size("matrix sum", a.size(), b.size());
  Matrix<common_scalar_t<T, S>, R, C> result(a.rows(), a.cols());
  for (std::size_t k = 0; k < a.size(); ++k) result.data()[k] = a.data()[k] + b.data()[k];
  return result;
}
template <class T, class S, std::size_t R, std::size_t C>
auto operator-(const Matrix<T, R, C>& a, const Matrix<S, R, C>& b) {
  if (b.rows() != a.rows() || b.cols() != a.cols())
    detail::reject_size("matrix difference", a.size(), b.size());
  Matrix<common_scalar_t<T, S>, R, C> result(a.rows(), a.cols());
  for (std::size_t k = 0; k < a.size(); ++k) result.data()[k] = a.data()[k] - b.data()[k];
  return result;
}
template <class T, std::size_t R, std::size_t C, Scalar S>
auto operator*(const S& s, const Matrix<T, R, C>& a) {
  Matrix<common_scalar_t<T, S>, R, C> result(a.rows(), a.cols());
  for (std::size_t k = 0; k < a.size(); ++k) result.data()[k] = s * a.data()[k];
  return result;
}

template <class T, std::size_t R, std::size_t C>
Matrix<T, C, R> transpose(const Matrix<T, R, C>& a) {
  Matrix<T, C, R> result(a.cols(), a.rows());
  for (std::size_t j = 0; j < a.cols(); ++j)
    for (std::size_t i = 0; i < a.rows(); ++i) result(j, i) = a(i, j);
  return result;
}

}  // namespace costate
