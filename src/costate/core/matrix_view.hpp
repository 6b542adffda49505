#pragma once

#include <costate/core/vector_view.hpp>

#include <cstddef>
#include <type_traits>

namespace costate {

/// A window on a matrix that somebody else owns, stored column by column. Copying it copies the window, and
/// writing through a copy writes to the owner; MatrixView<const T> only reads. A right-hand side whose state
/// is a Matrix is called with these: `du(i, j)`, `u.column(j)`.
template <class T>
class MatrixView {
 public:
  using value_type = std::remove_const_t<T>;
  static constexpr std::size_t row_extent = dynamic, column_extent = dynamic;

  constexpr MatrixView() = default;
  constexpr MatrixView(T* data, std::size_t rows, std::size_t cols)
      : data_(data), rows_(rows), cols_(cols) {}
  constexpr operator MatrixView<const T>() const requires(!std::is_const_v<T>) {
    return {data_, rows_, cols_};
  }

  constexpr std::size_t rows() const { return rows_; }
  constexpr std::size_t cols() const { return cols_; }
  constexpr std::size_t size() const { return rows_ * cols_; }
  constexpr T& operator()(std::size_t i, std::size_t j) const { return data_[i + rows_ * j]; }
  constexpr T* data() const { return data_; }
  /// Column j: one sample of a batch.
  constexpr VectorView<T> column(std::size_t j) const { return {data_ + rows_ * j, rows_}; }

 private:
  T* data_ = nullptr;
  std::size_t rows_ = 0, cols_ = 0;
};

namespace detail {
template <class M>
inline constexpr bool is_matrix_like = false;
template <class T>
inline constexpr bool is_matrix_like<MatrixView<T>> = true;
}  // namespace detail

/// Anything of this library that is indexed like a matrix of numbers: Matrix, MatrixView and the views that
/// AD makes.
template <class M>
concept MatrixLike = detail::is_matrix_like<std::remove_cvref_t<M>>;

namespace detail {
/// All numbers of a matrix, column after column, as a view of a vector.
template <MatrixLike M>
auto flat(const M& m) {
  if constexpr (requires { m.numbers(); })
    return m.numbers();
  else
    return VectorView<const scalar_of<M>>(m.data(), m.size());
}
}  // namespace detail

}  // namespace costate
