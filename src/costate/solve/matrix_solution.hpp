#pragma once

#include <costate/ad/leaf_matrix.hpp>
#include <costate/core/matrix.hpp>
#include <costate/solve/differentiated_solution.hpp>
#include <costate/solve/solution.hpp>

#include <cstddef>
#include <span>
#include <string>
#include <utility>
#include <vector>

namespace costate {

/// The Solution of a problem whose state is a Matrix of [features × samples].
///
///     solution[i]             the matrix saved at t()[i], as a view     [features × samples]
///     solution(t)             the matrix at any time of the span; needs dense output
///     solution.component(i, j)   feature i of sample j at all saved times   [saved times]
///     solution.sample(j)      sample j at all saved times               [features × saved times]
///
/// An lvalue hands out views on its own memory, a temporary returns copies. Inside a gradient its numbers
/// are variables of it. Numbers and failures are those of Solution.
template <class T, bool OnTape = detail::is_var<T>>
class MatrixSolution {
 public:
  using value_type = T;
  using Flat = Solution<T, dynamic, OnTape>;

  MatrixSolution() = default;
  MatrixSolution(Flat numbers, std::size_t rows, std::size_t cols)
      : flat_(std::move(numbers)), rows_(rows), cols_(cols) {}

  /// Saved points.
  std::size_t size() const { return flat_.size(); }
  /// Of each saved matrix.
  std::size_t rows() const { return rows_; }
  std::size_t cols() const { return cols_; }
  std::size_t state_size() const { return rows_ * cols_; }
  auto operator[](std::size_t i) const& { return detail::shaped(flat_[i], rows_, cols_); }
  Matrix<T> operator[](std::size_t i) && { return Matrix<T>(static_cast<const MatrixSolution&>(*this)[i]); }
  auto back() const& { return (*this)[size() - 1]; }
  Matrix<T> back() && { return Matrix<T>(static_cast<const MatrixSolution&>(*this).back()); }

  std::span<const double> t() const& { return flat_.t(); }
  std::vector<double> t() && {
    const auto times = flat_.t();
    return std::vector<double>(times.begin(), times.end());
  }
  Vector<T> component(std::size_t i, std::size_t j) const {
    check("MatrixSolution::component: row", i, rows_);
    check("MatrixSolution::component: column", j, cols_);
    return flat_.component(i + rows_ * j);
  }
  Matrix<T> sample(std::size_t j) const {
    check("MatrixSolution::sample", j, cols_);
    Matrix<T> result(rows_, size());
    for (std::size_t k = 0; k < size(); ++k)
      for (std::size_t i = 0; i < rows_; ++i) result(i, k) = (*this)[k](i, j);
    return result;
  }

  /// The states at time t, a plain number or a differentiating one; as Solution(t).
  template <class Time>
  requires Scalar<Time>
  auto operator()(const Time& time) const {
    const auto numbers = flat_(time);
    using S = scalar_of<decltype(numbers)>;
    return Matrix<S>(MatrixView<const S>(numbers.data(), rows_, cols_));
  }

  Status status() const { return flat_.status(); }
  bool successful() const { return flat_.successful(); }
  const Statistics& statistics() const { return flat_.statistics(); }
  /// All saved numbers, matrix after matrix, each column by column.
  auto values() const& { return flat_.values(); }
  auto values() && { return Vector<T>(static_cast<const MatrixSolution&>(*this).values()); }
  /// The same solution with each matrix as one vector.
  const Flat& numbers() const { return flat_; }

 private:
  static void check(const char* field, std::size_t index, std::size_t count) {
    if (index >= count)
      detail::reject(field, "an index below " + std::to_string(count), std::to_string(index));
  }

  Flat flat_;
  std::size_t rows_ = 0, cols_ = 0;
};

namespace detail {
template <class T, bool OnTape>
inline constexpr bool is_solution<MatrixSolution<T, OnTape>> = true;

template <class T, bool OnTape>
MatrixSolution<T, OnTape> with_shape(Solution<T, dynamic, OnTape> solution, std::size_t rows,
                                     std::size_t cols) {
  return {std::move(solution), rows, cols};
}
}  // namespace detail

/// The solution without derivatives, on its own.
template <class T, bool OnTape>
auto plain(const MatrixSolution<T, OnTape>& solution) {
  return detail::with_shape(plain(solution.numbers()), solution.rows(), solution.cols());
}

}  // namespace costate
