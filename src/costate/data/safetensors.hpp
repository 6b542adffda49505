#pragma once

#include <costate/data/tensor.hpp>

#include <string>
#include <string_view>

namespace costate {

/// The arrays and texts in the bytes of a .safetensors file: its types F16, BF16, F32, F64, whole numbers and
/// BOOL. `name` stands for the bytes in messages. Arrays come in the order in which their numbers lie.
///
/// Throws std::runtime_error, naming file and array, where the bytes are no such file, where arrays overlap,
/// leave gaps or do not fill the file (as the format's own reader demands), or hold numbers that T does not
/// hold exactly.
template <class T = double>
TensorFile<T> parse_safetensors(std::string_view bytes, std::string_view name = "safetensors bytes");

/// parse_safetensors of the file at `path`.
template <class T = double>
TensorFile<T> read_safetensors(const std::string& path);

/// The bytes of a .safetensors file, F32 or F64, as T is. Throws std::invalid_argument for names that repeat.
template <class T>
std::string to_safetensors(const TensorFile<T>& file);

/// Writes to_safetensors(file), wholly or not at all (see write_file).
template <class T>
void write_safetensors(const std::string& path, const TensorFile<T>& file);

extern template TensorFile<float> parse_safetensors(std::string_view, std::string_view);
extern template TensorFile<double> parse_safetensors(std::string_view, std::string_view);
extern template TensorFile<float> read_safetensors(const std::string&);
extern template TensorFile<double> read_safetensors(const std::string&);
extern template std::string to_safetensors(const TensorFile<float>&);
extern template std::string to_safetensors(const TensorFile<double>&);
extern template void write_safetensors(const std::string&, const TensorFile<float>&);
extern template void write_safetensors(const std::string&, const TensorFile<double>&);

}  // namespace costate
