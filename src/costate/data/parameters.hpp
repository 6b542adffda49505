#pragma once

#include <costate/core/errors.hpp>
#include <costate/core/vector.hpp>
#include <costate/nn/description.hpp>
#include <costate/nn/split.hpp>

#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

namespace costate {

namespace detail {
template <class T>
void save_parameters(const std::string& path, const LayerDescription& net, std::span<const T> p);
template <class T>
std::vector<T> load_parameters(const std::string& path, const LayerDescription& net);
template <class T>
void save_parameters(const std::string& path, std::span<const T> p);
template <class T>
std::vector<T> load_parameters(const std::string& path);

template <class P>
using number_in = std::remove_cvref_t<decltype(*std::declval<const P&>().data())>;

template <class Net, class P>
std::span<const number_in<P>> parameters_of(const Net& net, const P& p, const char* caller) {
  static_assert(std::is_same_v<number_in<P>, float> || std::is_same_v<number_in<P>, double>,
                "costate: want parameters of float or double");
  if (p.size() != net.parameter_count())
    reject_size(std::string(caller) + ": parameters p", net.parameter_count(), p.size());
  return {p.data(), p.size()};
}
}  // namespace detail

/// Writes the parameters p of a network to a file that other tools read, wholly or not at all (see
/// write_file). The ending of the path says the format:
///
///     .safetensors, .npz    one array per weight and bias, named after its place, and describe(net)
///     .npy                  the flat vector alone
///
/// A weight is an array [outputs, inputs], as NumPy and PyTorch have it: layers.0.weight @ x + layers.0.bias
/// is what the layer gives before its activation. Numbers keep their type and their bits.
///
/// Throws std::invalid_argument for a path with another ending and for p of a wrong size, std::runtime_error,
/// naming the file, where it cannot be written.
template <class Net, class P>
void save_parameters(const std::string& path, const Net& net, const P& p) {
  detail::save_parameters(path, describe(net), detail::parameters_of(net, p, "save_parameters"));
}

/// The parameters of `net` in a file that save_parameters wrote, or another tool with the same names and
/// shapes. float32 is read as double exactly; float64 is not read as float.
///
/// Throws std::runtime_error, naming the file, where it holds another network's parameters (with both
/// descriptions), lacks an array or has one too many, has one of another shape, or cannot be read. A .npy
/// file has nothing but the count to compare.
template <class T = double, class Net>
Vector<T> load_parameters(const std::string& path, const Net& net) {
  static_assert(std::is_same_v<T, float> || std::is_same_v<T, double>, "costate: want float or double");
  return Vector<T>(detail::load_parameters<T>(path, describe(net)));
}

/// Writes parameters that are not a network's alone, the rates of an equation say, as one array: of the name
/// `parameters` where the format has names. Throws as above.
template <class P>
void save_parameters(const std::string& path, const P& p) {
  using T = detail::number_in<P>;
  static_assert(std::is_same_v<T, float> || std::is_same_v<T, double>,
                "costate: want parameters of float or double");
  detail::save_parameters(path, std::span<const T>(p.data(), p.size()));
}

/// The numbers in such a file, as many as there are. Throws as above, also where the file holds a network's
/// arrays, which need the network to be put in order.
template <class T = double>
Vector<T> load_parameters(const std::string& path) {
  static_assert(std::is_same_v<T, float> || std::is_same_v<T, double>, "costate: want float or double");
  return Vector<T>(detail::load_parameters<T>(path));
}

/// One weight or bias inside a flat vector.
template <class T>
struct NamedParameters {
  std::string name;                ///< "layers.0.weight"
  std::vector<std::size_t> shape;  ///< [outputs, inputs] or [outputs]
  std::size_t offset;              ///< of the first number in the flat vector
  VectorView<const T> values;      ///< a matrix is stored column by column

  double norm() const;  ///< √(Σ values²)
};

/// The parts of a parameter vector by name. The views last as long as the vector.
template <class T>
struct ParameterTable {
  std::vector<NamedParameters<T>> parts;

  /// Throws std::invalid_argument, listing the names there are.
  const NamedParameters<T>& operator[](std::string_view name) const;
};

namespace detail {
template <class T>
ParameterTable<T> parameter_table(const LayerDescription& net, std::span<const T> p);
}

/// The named views of the parameters p of a network:
///
///     print(parameter_table(net, p));     // name, shape, offset, norm
template <class Net, class P>
auto parameter_table(const Net& net, const P& p) {
  return detail::parameter_table(describe(net), detail::parameters_of(net, p, "parameter_table"));
}

template <class Net, class P>
requires(!std::is_lvalue_reference_v<P> &&
         detail::owns_numbers<std::remove_cvref_t<P>>) void parameter_table(const Net& net,
                                                                            P&& temporary) = delete;

/// Aligned text: a line for each part, the number of all parameters and their norm below.
template <class T>
std::string to_string(const ParameterTable<T>& table);

/// Writes to_string(table) to the standard output.
template <class T>
void print(const ParameterTable<T>& table);

extern template void detail::save_parameters(const std::string&, const LayerDescription&,
                                             std::span<const float>);
extern template void detail::save_parameters(const std::string&, const LayerDescription&,
                                             std::span<const double>);
extern template void detail::save_parameters(const std::string&, std::span<const float>);
extern template void detail::save_parameters(const std::string&, std::span<const double>);
extern template std::vector<float> detail::load_parameters(const std::string&);
extern template std::vector<double> detail::load_parameters(const std::string&);
extern template std::vector<float> detail::load_parameters(const std::string&, const LayerDescription&);
extern template std::vector<double> detail::load_parameters(const std::string&, const LayerDescription&);
extern template struct NamedParameters<float>;
extern template struct NamedParameters<double>;
extern template struct ParameterTable<float>;
extern template struct ParameterTable<double>;
extern template ParameterTable<float> detail::parameter_table(const LayerDescription&,
                                                              std::span<const float>);
extern template ParameterTable<double> detail::parameter_table(const LayerDescription&,
                                                               std::span<const double>);
extern template std::string to_string(const ParameterTable<float>&);
extern template std::string to_string(const ParameterTable<double>&);
extern template void print(const ParameterTable<float>&);
extern template void print(const ParameterTable<double>&);

}  // namespace costate
