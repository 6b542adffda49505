#pragma once

#include <costate/data/tensor.hpp>

#include <string>
#include <string_view>

namespace costate {

/// An array in the bytes of a .npy file, versions 1 to 3 of NumPy's format: floating-point numbers of 16, 32
/// and 64 bits, whole numbers and bool, in C or Fortran order, of either order of bytes. `name` stands for
/// the bytes in messages.
///
/// Throws std::runtime_error, naming the file, where the bytes are no such file, are cut short or too long,
/// hold other things than numbers, or numbers that T does not hold exactly (float64 as float, large whole
/// numbers).
///
/// C. R. Harris et al., Nature 585 (2020) 357; the format is NumPy's NEP 1.
template <class T = double>
Tensor<T> parse_npy(std::string_view bytes, std::string_view name = "npy bytes");

/// parse_npy of the file at `path`.
template <class T = double>
Tensor<T> read_npy(const std::string& path);

/// The bytes of a .npy file, little-endian and in C order: float32 or float64, as T is.
template <class T>
std::string to_npy(const Tensor<T>& tensor);

/// Writes to_npy(tensor), wholly or not at all (see write_file).
template <class T>
void write_npy(const std::string& path, const Tensor<T>& tensor);

extern template Tensor<float> parse_npy(std::string_view, std::string_view);
extern template Tensor<double> parse_npy(std::string_view, std::string_view);
extern template Tensor<float> read_npy(const std::string&);
extern template Tensor<double> read_npy(const std::string&);
extern template std::string to_npy(const Tensor<float>&);
extern template std::string to_npy(const Tensor<double>&);
extern template void write_npy(const std::string&, const Tensor<float>&);
extern template void write_npy(const std::string&, const Tensor<double>&);

}  // namespace costate
