#pragma once

#include <costate/ad/var.hpp>
#include <costate/core/matrix_view.hpp>
#include <costate/core/vector.hpp>

#include <cstddef>
#include <cstdint>

namespace costate {

/// A matrix whose numbers stand one after the other on a tape, column by column: LeafView with a shape.
/// Indexing makes a Var. The saved states of a batch, and the state that its right-hand side is given, come
/// in this form inside a gradient.
template <class T>
class LeafMatrix {
 public:
  using value_type = Var<T>;
  static constexpr std::size_t row_extent = dynamic, column_extent = dynamic;

  LeafMatrix(const LeafView<T>& numbers, std::size_t rows, std::size_t cols)
      : numbers_(numbers), rows_(rows), cols_(cols) {}

  std::size_t rows() const { return rows_; }
  std::size_t cols() const { return cols_; }
  std::size_t size() const { return rows_ * cols_; }
  Var<T> operator()(std::size_t i, std::size_t j) const { return numbers_[i + rows_ * j]; }
  LeafView<T> column(std::size_t j) const {
    return {numbers_.values() + rows_ * j, numbers_.first() + static_cast<std::int32_t>(rows_ * j),
            numbers_.tape(), rows_};
  }
  const LeafView<T>& numbers() const { return numbers_; }

 private:
  LeafView<T> numbers_;
  std::size_t rows_, cols_;
};

namespace detail {
template <class T>
inline constexpr bool is_matrix_like<LeafMatrix<T>> = true;

/// A view of a vector as a matrix.
template <class T>
MatrixView<T> shaped(const VectorView<T>& numbers, std::size_t rows, std::size_t cols) {
  return {numbers.data(), rows, cols};
}
template <class T>
MatrixView<const T> shaped(const Vector<T>& numbers, std::size_t rows, std::size_t cols) {
  return {numbers.data(), rows, cols};
}
template <class T>
LeafMatrix<T> shaped(const LeafView<T>& numbers, std::size_t rows, std::size_t cols) {
  return {numbers, rows, cols};
}
}  // namespace detail

}  // namespace costate
