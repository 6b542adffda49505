#include <costate/core/errors.hpp>
#include <costate/data/detail/elements.hpp>
#include <costate/data/detail/text_table.hpp>
#include <costate/data/tensor.hpp>

#include <algorithm>

namespace costate {

template <class T>
bool TensorFile<T>::has(std::string_view name) const {
  return std::any_of(tensors.begin(), tensors.end(), [&](const auto& entry) { return entry.name == name; });
}

template <class T>
const Tensor<T>& TensorFile<T>::operator[](std::string_view name) const {
  for (const auto& entry : tensors)
    if (entry.name == name) return entry.tensor;
  std::vector<std::string> names;
  for (const auto& entry : tensors) names.push_back(entry.name);
  detail::reject("TensorFile: tensor",
                 names.empty() ? "a file that has any" : "one of " + detail::quoted_list(names),
                 "'" + std::string(name) + "'");
}

template <class T>
Tensor<T> to_tensor(const Matrix<T>& matrix) {
  Tensor<T> tensor{{matrix.rows(), matrix.cols()}, std::vector<T>(matrix.size())};
  for (std::size_t i = 0; i < matrix.rows(); ++i)
    for (std::size_t j = 0; j < matrix.cols(); ++j) tensor.values[i * matrix.cols() + j] = matrix(i, j);
  return tensor;
}

template <class T>
Matrix<T> to_matrix(const Tensor<T>& tensor) {
  const auto& shape = tensor.shape;
  if (shape.size() != 1 && shape.size() != 2)
    detail::reject("to_matrix: tensor", "1 or 2 dimensions", std::to_string(shape.size()));
  detail::check_shape("to_matrix: tensor", shape, tensor.values.size());
  Matrix<T> matrix(shape[0], shape.size() == 2 ? shape[1] : 1);
  for (std::size_t i = 0; i < matrix.rows(); ++i)
    for (std::size_t j = 0; j < matrix.cols(); ++j) matrix(i, j) = tensor.values[i * matrix.cols() + j];
  return matrix;
}

template struct TensorFile<float>;
template struct TensorFile<double>;
template Tensor<float> to_tensor(const Matrix<float>&);
template Tensor<double> to_tensor(const Matrix<double>&);
template Matrix<float> to_matrix(const Tensor<float>&);
template Matrix<double> to_matrix(const Tensor<double>&);

}  // namespace costate
