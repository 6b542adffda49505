#pragma once

#include <costate/data/tensor.hpp>

#include <string>
#include <string_view>

namespace costate {

/// The arrays in the bytes of a .npz file, as numpy.savez and numpy.savez_compressed write it: a zip archive
/// of .npy files. Members that are no .npy become metadata. Throws std::runtime_error, naming file and
/// member, as parse_npy does, and for a damaged archive; for a compressed one where costate was built without
/// zlib.
template <class T = double>
TensorFile<T> parse_npz(std::string_view bytes, std::string_view name = "npz bytes");

/// parse_npz of the file at `path`.
template <class T = double>
TensorFile<T> read_npz(const std::string& path);

struct NpzOptions {
  bool deflate = false;  ///< compress; wants a costate that was built with zlib
};

/// The bytes of a .npz file: a member name.npy for each tensor, then the metadata. The same content gives the
/// same bytes.
template <class T>
std::string to_npz(const TensorFile<T>& file, const NpzOptions& options = {});

/// Writes to_npz(file), wholly or not at all (see write_file).
template <class T>
void write_npz(const std::string& path, const TensorFile<T>& file, const NpzOptions& options = {});

extern template TensorFile<float> parse_npz(std::string_view, std::string_view);
extern template TensorFile<double> parse_npz(std::string_view, std::string_view);
extern template TensorFile<float> read_npz(const std::string&);
extern template TensorFile<double> read_npz(const std::string&);
extern template std::string to_npz(const TensorFile<float>&, const NpzOptions&);
extern template std::string to_npz(const TensorFile<double>&, const NpzOptions&);
extern template void write_npz(const std::string&, const TensorFile<float>&, const NpzOptions&);
extern template void write_npz(const std::string&, const TensorFile<double>&, const NpzOptions&);

}  // namespace costate
