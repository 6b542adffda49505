#pragma once

#include <costate/core/instruction_namespace.hpp>
#include <costate/core/matrix_view.hpp>
#include <costate/core/vector.hpp>

#include <cstddef>
#include <initializer_list>
#include <type_traits>

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
  static constexpr std::size_t row_extent = Rows, column_extent = Cols;

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

  template <MatrixLike M>
  requires(!std::is_same_v<std::remove_cvref_t<M>, Matrix>) explicit(!std::is_same_v<scalar_of<M>, T>)
      Matrix(const M& other)
      : Matrix(other.rows(), other.cols()) {
    for (std::size_t j = 0; j < cols(); ++j)
      for (std::size_t i = 0; i < rows(); ++i) (*this)(i, j) = static_cast<T>(other(i, j));
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
  /// Column j as a view; of a temporary a copy, which outlives it.
  VectorView<T, Rows> column(std::size_t j) & { return {data() + rows() * j, rows()}; }
  VectorView<const T, Rows> column(std::size_t j) const& { return {data() + rows() * j, rows()}; }
  Vector<T, Rows> column(std::size_t j) const&& {
    return Vector<T, Rows>(VectorView<const T, Rows>(data() + rows() * j, rows()));
  }

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

namespace detail {
template <class T, std::size_t R, std::size_t C>
inline constexpr bool is_matrix_like<Matrix<T, R, C>> = true;
}  // namespace detail

namespace detail::inline COSTATE_INSTRUCTIONS {

constexpr std::size_t known_extent(std::size_t a, std::size_t b) {
  return a == dynamic ? b : a;
}
template <class A, class B, class Op>
auto zip_matrices(const char* what, const A& a, const B& b, Op op) {
  static_assert((A::row_extent == dynamic || B::row_extent == dynamic || A::row_extent == B::row_extent) &&
                    (A::column_extent == dynamic || B::column_extent == dynamic ||
                     A::column_extent == B::column_extent),
                "costate: matrices of different shapes cannot be combined");
  if (b.rows() != a.rows() || b.cols() != a.cols())
    reject_shape(what, a.rows(), a.cols(), b.rows(), b.cols());
  Matrix<common_scalar_t<scalar_of<A>, scalar_of<B>>, known_extent(A::row_extent, B::row_extent),
         known_extent(A::column_extent, B::column_extent)>
      result(a.rows(), a.cols());
  for (std::size_t j = 0; j < a.cols(); ++j)
    for (std::size_t i = 0; i < a.rows(); ++i) result(i, j) = op(a(i, j), b(i, j));
  return result;
}
template <class A, class Op>
auto map_matrix(const A& a, Op op) {
  Matrix<std::remove_cvref_t<decltype(op(a(0, 0)))>, A::row_extent, A::column_extent> result(a.rows(),
                                                                                             a.cols());
  for (std::size_t j = 0; j < a.cols(); ++j)
    for (std::size_t i = 0; i < a.rows(); ++i) result(i, j) = op(a(i, j));
  return result;
}

}  // namespace detail::inline COSTATE_INSTRUCTIONS

inline namespace COSTATE_INSTRUCTIONS {

/// A x
template <MatrixLike A, VectorLike V>
auto operator*(const A& a, const V& x) {
  if (x.size() != a.cols()) detail::reject_size("matrix times vector", a.cols(), x.size());
  auto y = detail::zeros<common_scalar_t<scalar_of<A>, scalar_of<V>>, A::row_extent>(a.rows());
  for (std::size_t j = 0; j < a.cols(); ++j)
    for (std::size_t i = 0; i < a.rows(); ++i) y[i] = y[i] + a(i, j) * x[j];
  return y;
}

/// A B
template <MatrixLike A, MatrixLike B>
auto operator*(const A& a, const B& b) {
  if (b.rows() != a.cols()) detail::reject_size("matrix times matrix (rows)", a.cols(), b.rows());
  Matrix<common_scalar_t<scalar_of<A>, scalar_of<B>>, A::row_extent, B::column_extent> result(a.rows(),
                                                                                              b.cols());
  for (std::size_t j = 0; j < b.cols(); ++j)
    for (std::size_t k = 0; k < a.cols(); ++k)
      for (std::size_t i = 0; i < a.rows(); ++i) result(i, j) = result(i, j) + a(i, k) * b(k, j);
  return result;
}

template <MatrixLike A, MatrixLike B>
auto operator+(const A& a, const B& b) {
  return detail::zip_matrices("matrix sum", a, b, [](const auto& x, const auto& y) { return x + y; });
}
template <MatrixLike A, MatrixLike B>
auto operator-(const A& a, const B& b) {
  return detail::zip_matrices("matrix difference", a, b, [](const auto& x, const auto& y) { return x - y; });
}
template <MatrixLike A>
auto operator-(const A& a) {
  return detail::map_matrix(a, [](const auto& x) { return -x; });
}
template <MatrixLike A, Scalar S>
auto operator*(const S& s, const A& a) {
  return detail::map_matrix(a, [&](const auto& x) { return s * x; });
}
template <MatrixLike A, Scalar S>
auto operator*(const A& a, const S& s) {
  return detail::map_matrix(a, [&](const auto& x) { return x * s; });
}
template <MatrixLike A, Scalar S>
auto operator/(const A& a, const S& s) {
  return detail::map_matrix(a, [&](const auto& x) { return x / s; });
}

template <MatrixLike A>
auto transpose(const A& a) {
  Matrix<scalar_of<A>, A::column_extent, A::row_extent> result(a.cols(), a.rows());
  for (std::size_t j = 0; j < a.cols(); ++j)
    for (std::size_t i = 0; i < a.rows(); ++i) result(j, i) = a(i, j);
  return result;
}

}  // namespace COSTATE_INSTRUCTIONS

}  // namespace costate
