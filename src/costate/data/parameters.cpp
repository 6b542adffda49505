#include <costate/data/detail/elements.hpp>
#include <costate/data/detail/text_table.hpp>
#include <costate/data/network_description.hpp>
#include <costate/data/npy.hpp>
#include <costate/data/npz.hpp>
#include <costate/data/parameters.hpp>
#include <costate/data/safetensors.hpp>

#include <cmath>
#include <cstdio>

namespace costate {
namespace {

using detail::fail_file;

/// The metadata that holds the network's description.
constexpr const char* description_key = "costate.network";

enum class Format { safetensors, npz, npy };

Format format_of(const std::string& path, const char* caller) {
  constexpr std::pair<std::string_view, Format> endings[] = {
      {".safetensors", Format::safetensors}, {".npz", Format::npz}, {".npy", Format::npy}};
  for (const auto& [ending, format] : endings)
    if (path.ends_with(ending)) return format;
  detail::reject(std::string(caller) + ": path", "an ending .safetensors, .npz or .npy", "'" + path + "'");
}

/// The numbers of a block, columns first, in C order, and back.
template <class T>
void transpose(const ParameterBlock& block, const T* from, T* to, bool to_c_order) {
  const bool matrix = block.shape.size() == 2;
  const std::size_t rows = matrix ? block.shape[0] : block.size(), cols = matrix ? block.shape[1] : 1;
  for (std::size_t i = 0; i < rows; ++i)
    for (std::size_t j = 0; j < cols; ++j) {
      if (to_c_order)
        to[i * cols + j] = from[i + rows * j];
      else
        to[i + rows * j] = from[i * cols + j];
    }
}

template <class T>
TensorFile<T> tensors_of(const LayerDescription& net, std::span<const T> p) {
  TensorFile<T> file{{}, {{description_key, to_json(net)}}};
  const T* from = p.data();
  for (const auto& block : parameter_blocks(net)) {
    Tensor<T> tensor{block.shape, std::vector<T>(block.size())};
    transpose(block, from, tensor.values.data(), true);
    from += block.size();
    file.tensors.push_back({block.name, std::move(tensor)});
  }
  return file;
}

template <class T>
void check_network(const TensorFile<T>& file, const LayerDescription& net, const std::string& path) {
  for (const auto& [key, text] : file.metadata) {
    if (key != description_key) continue;
    const auto found = parse_description(text, path);
    if (!(found == net))
      fail_file(path, "want parameters of " + to_string(net) + ", got those of " + to_string(found));
  }
}

/// The arrays of a file, for a message.
template <class T>
std::string arrays_in(const TensorFile<T>& file) {
  std::vector<std::string> names;
  for (const auto& entry : file.tensors) names.push_back(entry.name);
  return names.empty() ? "no arrays" : detail::quoted_list(names);
}

template <class T>
std::vector<T> flat_vector(const TensorFile<T>& file, const LayerDescription& net, const std::string& path) {
  check_network(file, net, path);
  const auto blocks = parameter_blocks(net);
  const std::string there = arrays_in(file);
  std::vector<T> p;
  for (const auto& block : blocks) {
    if (!file.has(block.name))
      fail_file(path, "want an array '" + block.name + "' for " + to_string(net) + ", got " + there);
    const auto& tensor = file[block.name];
    if (tensor.shape != block.shape)
      fail_file(path, "array '" + block.name + "': want the shape " + detail::shape_text(block.shape) +
                          " for " + to_string(net) + ", got " + detail::shape_text(tensor.shape));
    p.resize(p.size() + block.size());
    transpose(block, tensor.values.data(), p.data() + (p.size() - block.size()), false);
  }
  if (file.tensors.size() != blocks.size())
    fail_file(path, "want the " + std::to_string(blocks.size()) + " arrays of " + to_string(net) + ", got " +
                        there);
  return p;
}

template <class T>
std::vector<T> flat_vector(Tensor<T> tensor, const LayerDescription& net, const std::string& path) {
  std::size_t count = 0;
  for (const auto& block : parameter_blocks(net)) count += block.size();
  if (tensor.shape != std::vector<std::size_t>{count})
    fail_file(path, "want the shape [" + std::to_string(count) + "] of the parameters of " + to_string(net) +
                        ", got " + detail::shape_text(tensor.shape));
  return std::move(tensor.values);
}

/// The one array of a file that save_parameters wrote without a network.
constexpr const char* flat_name = "parameters";

template <class T>
std::vector<T> flat_vector(Tensor<T> tensor, const std::string& path) {
  if (tensor.shape.size() != 1)
    fail_file(path, "want a shape of one number, got " + detail::shape_text(tensor.shape));
  return std::move(tensor.values);
}

template <class T>
std::vector<T> flat_vector(const TensorFile<T>& file, const std::string& path) {
  if (file.tensors.size() != 1 || file.tensors[0].name != flat_name)
    fail_file(path, std::string("want one array, '") + flat_name + "', where no network is given, got " +
                        arrays_in(file));
  return flat_vector(file[flat_name], path);
}

template <class T>
Tensor<T> flat_tensor(std::span<const T> p) {
  return {{p.size()}, {p.begin(), p.end()}};
}

/// named(): the arrays, of the formats that have names.
template <class T, class Named>
void write_as_named(const std::string& path, std::span<const T> p, const Named& named) {
  switch (format_of(path, "save_parameters")) {
    case Format::safetensors:
      return write_safetensors(path, named());
    case Format::npz:
      return write_npz(path, named());
    case Format::npy:
      return write_npy(path, flat_tensor(p));
  }
}

/// In the order of a network's description, where one is given.
template <class T, class... Net>
std::vector<T> read_flat(const std::string& path, const Net&... net) {
  switch (format_of(path, "load_parameters")) {
    case Format::safetensors:
      return flat_vector(read_safetensors<T>(path), net..., path);
    case Format::npz:
      return flat_vector(read_npz<T>(path), net..., path);
    case Format::npy:
      return flat_vector(read_npy<T>(path), net..., path);
  }
  return {};
}

std::string norm_text(double norm) {
  char text[32];
  std::snprintf(text, sizeof text, "%.4g", norm);
  return text;
}

}  // namespace

template <class T>
void detail::save_parameters(const std::string& path, const LayerDescription& net, std::span<const T> p) {
  write_as_named(path, p, [&] { return tensors_of(net, p); });
}

template <class T>
std::vector<T> detail::load_parameters(const std::string& path, const LayerDescription& net) {
  return read_flat<T>(path, net);
}

template <class T>
void detail::save_parameters(const std::string& path, std::span<const T> p) {
  write_as_named(path, p, [&] { return TensorFile<T>{{{flat_name, flat_tensor(p)}}, {}}; });
}

template <class T>
std::vector<T> detail::load_parameters(const std::string& path) {
  return read_flat<T>(path);
}

template <class T>
double NamedParameters<T>::norm() const {
  double squares = 0;
  for (const T value : values) squares += static_cast<double>(value) * static_cast<double>(value);
  return std::sqrt(squares);
}

template <class T>
const NamedParameters<T>& ParameterTable<T>::operator[](std::string_view name) const {
  std::vector<std::string> names;
  for (const auto& part : parts) {
    if (part.name == name) return part;
    names.push_back(part.name);
  }
  detail::reject("ParameterTable: part", "one of " + detail::quoted_list(names),
                 "'" + std::string(name) + "'");
}

template <class T>
ParameterTable<T> detail::parameter_table(const LayerDescription& net, std::span<const T> p) {
  ParameterTable<T> table;
  std::size_t offset = 0;
  for (auto& block : parameter_blocks(net)) {
    const std::size_t size = block.size();
    table.parts.push_back({std::move(block.name), std::move(block.shape), offset, {p.data() + offset, size}});
    offset += size;
  }
  return table;
}

template <class T>
std::string to_string(const ParameterTable<T>& table) {
  std::vector<std::vector<std::string>> lines;
  std::size_t count = 0;
  double squares = 0;
  for (const auto& part : table.parts) {
    const double norm = part.norm();
    lines.push_back(
        {part.name, detail::shape_text(part.shape), std::to_string(part.offset), norm_text(norm)});
    count += part.values.size();
    squares += norm * norm;
  }
  lines.push_back({"all", detail::shape_text({count}), "", norm_text(std::sqrt(squares))});
  return detail::text_table({"name", "shape", "offset", "norm"}, lines, 1);
}

template <class T>
void print(const ParameterTable<T>& table) {
  std::fputs(to_string(table).c_str(), stdout);
}

template void detail::save_parameters(const std::string&, const LayerDescription&, std::span<const float>);
template void detail::save_parameters(const std::string&, const LayerDescription&, std::span<const double>);
template void detail::save_parameters(const std::string&, std::span<const float>);
template void detail::save_parameters(const std::string&, std::span<const double>);
template std::vector<float> detail::load_parameters(const std::string&);
template std::vector<double> detail::load_parameters(const std::string&);
template std::vector<float> detail::load_parameters(const std::string&, const LayerDescription&);
template std::vector<double> detail::load_parameters(const std::string&, const LayerDescription&);
template struct NamedParameters<float>;
template struct NamedParameters<double>;
template struct ParameterTable<float>;
template struct ParameterTable<double>;
template ParameterTable<float> detail::parameter_table(const LayerDescription&, std::span<const float>);
template ParameterTable<double> detail::parameter_table(const LayerDescription&, std::span<const double>);
template std::string to_string(const ParameterTable<float>&);
template std::string to_string(const ParameterTable<double>&);
template void print(const ParameterTable<float>&);
template void print(const ParameterTable<double>&);

}  // namespace costate
