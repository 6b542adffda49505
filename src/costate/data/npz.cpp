#include <costate/core/errors.hpp>
#include <costate/data/detail/zip.hpp>
#include <costate/data/file.hpp>
#include <costate/data/npy.hpp>
#include <costate/data/npz.hpp>

#include <set>

namespace costate {
namespace {

constexpr std::string_view extension = ".npy";

void check_names(const std::vector<detail::ZipMember>& members) {
  std::set<std::string> names;
  for (const auto& member : members)
    if (!names.insert(member.name).second)
      detail::reject("to_npz: names", "each once", "'" + member.name + "' twice");
}

}  // namespace

template <class T>
TensorFile<T> parse_npz(std::string_view bytes, std::string_view name) {
  TensorFile<T> file;
  for (auto& member : detail::parse_zip(bytes, name)) {
    if (member.name.ends_with(extension)) {
      auto tensor = parse_npy<T>(member.bytes, std::string(name) + "/" + member.name);
      member.name.resize(member.name.size() - extension.size());
      file.tensors.push_back({std::move(member.name), std::move(tensor)});
    } else {
      file.metadata.emplace_back(std::move(member.name), std::move(member.bytes));
    }
  }
  return file;
}

template <class T>
TensorFile<T> read_npz(const std::string& path) {
  return parse_npz<T>(read_file(path), path);
}

template <class T>
std::string to_npz(const TensorFile<T>& file, const NpzOptions& options) {
  std::vector<detail::ZipMember> members;
  for (const auto& [name, tensor] : file.tensors)
    members.push_back({name + std::string(extension), to_npy(tensor)});
  for (const auto& [name, text] : file.metadata) members.push_back({name, text});
  check_names(members);
  return detail::to_zip(members, options.deflate);
}

template <class T>
void write_npz(const std::string& path, const TensorFile<T>& file, const NpzOptions& options) {
  write_file(path, to_npz(file, options));
}

template TensorFile<float> parse_npz(std::string_view, std::string_view);
template TensorFile<double> parse_npz(std::string_view, std::string_view);
template TensorFile<float> read_npz(const std::string&);
template TensorFile<double> read_npz(const std::string&);
template std::string to_npz(const TensorFile<float>&, const NpzOptions&);
template std::string to_npz(const TensorFile<double>&, const NpzOptions&);
template void write_npz(const std::string&, const TensorFile<float>&, const NpzOptions&);
template void write_npz(const std::string&, const TensorFile<double>&, const NpzOptions&);

}  // namespace costate
