#pragma once

#include <costate/core/matrix.hpp>

#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace costate {

/// Numbers in any number of dimensions, as files of arrays hold them: in C order, the last index counts
/// fastest. T is float or double. An empty shape is a single number.
template <class T = double>
struct Tensor {
  std::vector<std::size_t> shape;
  std::vector<T> values;  ///< as many as the product of the shape
};

template <class T = double>
struct NamedTensor {
  std::string name;
  Tensor<T> tensor;
};

/// What a file of several arrays holds.
template <class T = double>
struct TensorFile {
  std::vector<NamedTensor<T>> tensors;                          ///< each name once
  std::vector<std::pair<std::string, std::string>> metadata{};  ///< texts by name

  bool has(std::string_view name) const;
  /// The array of that name; throws std::invalid_argument, listing the names there are.
  const Tensor<T>& operator[](std::string_view name) const;
};

/// A matrix [rows, cols] as a tensor, and back. to_matrix takes shapes of two dimensions, or of one as a
/// single column; throws std::invalid_argument for others.
template <class T>
Tensor<T> to_tensor(const Matrix<T>& matrix);
template <class T>
Matrix<T> to_matrix(const Tensor<T>& tensor);

extern template struct TensorFile<float>;
extern template struct TensorFile<double>;
extern template Tensor<float> to_tensor(const Matrix<float>&);
extern template Tensor<double> to_tensor(const Matrix<double>&);
extern template Matrix<float> to_matrix(const Tensor<float>&);
extern template Matrix<double> to_matrix(const Tensor<double>&);

}  // namespace costate
