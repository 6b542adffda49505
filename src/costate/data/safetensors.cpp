#include <costate/core/errors.hpp>
#include <costate/data/detail/json.hpp>
#include <costate/data/file.hpp>
#include <costate/data/safetensors.hpp>

#include <algorithm>

namespace costate {
namespace {

using detail::ElementType;
using detail::fail_file;
using detail::Json;

constexpr std::size_t header_start = 8;
constexpr const char* metadata_key = "__metadata__";

constexpr std::pair<std::string_view, ElementType> types[] = {
    {"F64", ElementType::f64},   {"F32", ElementType::f32}, {"F16", ElementType::f16},
    {"BF16", ElementType::bf16}, {"I64", ElementType::i64}, {"U64", ElementType::u64},
    {"I32", ElementType::i32},   {"U32", ElementType::u32}, {"I16", ElementType::i16},
    {"U16", ElementType::u16},   {"I8", ElementType::i8},   {"U8", ElementType::u8},
    {"BOOL", ElementType::b1}};

struct Entry {
  std::string name;
  ElementType type;
  std::vector<std::size_t> shape;
  std::size_t begin, end;
};

Entry read_entry(const std::string& key, const Json& value, std::string_view name) {
  const std::string tensor = "tensor " + detail::shown(key);
  if (!value.is_object()) fail_file(name, tensor + ": want its dtype, shape and data_offsets");
  const Json& dtype = detail::member(value, "dtype");
  const auto type = std::find_if(std::begin(types), std::end(types), [&](const auto& known) {
    return dtype.is_string() && dtype.get_ref<const std::string&>() == known.first;
  });
  if (type == std::end(types))
    fail_file(name, tensor + ": want a dtype of F16, BF16, F32, F64, I8 … U64, BOOL, got " +
                        (dtype.is_string() ? detail::shown(dtype.get_ref<const std::string&>()) : "none"));
  auto shape = detail::counts_in(detail::member(value, "shape"));
  const auto offsets = detail::counts_in(detail::member(value, "data_offsets"));
  if (!shape || !offsets || offsets->size() != 2)
    fail_file(name, tensor + ": want a shape and two data_offsets");
  const std::size_t begin = (*offsets)[0], end = (*offsets)[1];
  if (end < begin || detail::bytes_of(*shape, type->second) != end - begin)
    fail_file(name, tensor + ": its data_offsets do not fit its shape");
  return {key, type->second, std::move(*shape), begin, end};
}

/// By the place of their numbers, which must follow each other and fill the file.
void check_places(std::vector<Entry>& entries, std::size_t size, std::string_view name) {
  std::stable_sort(entries.begin(), entries.end(), [](const Entry& a, const Entry& b) {
    return std::pair(a.begin, a.end) < std::pair(b.begin, b.end);
  });
  std::size_t at = 0;
  for (const auto& entry : entries) {
    if (entry.begin != at)
      fail_file(name, "tensor " + detail::shown(entry.name) + ": want its numbers at byte " +
                          std::to_string(at) + ", after those before it, got " + std::to_string(entry.begin));
    at = entry.end;
  }
  if (at != size)
    fail_file(name, "want " + std::to_string(at) + " bytes of numbers, got " + std::to_string(size));
}

}  // namespace

template <class T>
TensorFile<T> parse_safetensors(std::string_view bytes, std::string_view name) {
  if (bytes.size() < header_start) fail_file(name, "want a .safetensors file, got one that is cut short");
  const auto length = detail::little_endian<std::uint64_t>(bytes, 0);
  if (length > bytes.size() - header_start)
    fail_file(name, "want a .safetensors file, got other bytes or one that is cut short");
  const Json header = detail::parse_json(bytes.substr(header_start, length), name, "its header");
  if (!header.is_object()) fail_file(name, "its header: want a JSON object");
  const std::string_view numbers = bytes.substr(header_start + length);
  TensorFile<T> file;
  std::vector<Entry> entries;
  for (const auto& [key, value] : header.items()) {
    if (key != metadata_key) {
      entries.push_back(read_entry(key, value, name));
      continue;
    }
    if (!value.is_object()) fail_file(name, "its __metadata__: want texts by name");
    for (const auto& [text_name, text] : value.items()) {
      if (!text.is_string()) fail_file(name, "its __metadata__: want a text for " + detail::shown(text_name));
      file.metadata.emplace_back(text_name, text.template get<std::string>());
    }
  }
  check_places(entries, numbers.size(), name);
  for (auto& entry : entries) {
    const detail::Elements elements{numbers.substr(entry.begin, entry.end - entry.begin), entry.type};
    auto values = detail::decode<T>(elements, std::string(name) + "/" + entry.name);
    file.tensors.push_back({std::move(entry.name), {std::move(entry.shape), std::move(values)}});
  }
  return file;
}

template <class T>
TensorFile<T> read_safetensors(const std::string& path) {
  return parse_safetensors<T>(read_file(path), path);
}

template <class T>
std::string to_safetensors(const TensorFile<T>& file) {
  Json header = Json::object();
  for (const auto& [name, text] : file.metadata) header[metadata_key][name] = text;
  std::string numbers;
  for (const auto& [name, tensor] : file.tensors) {
    if (header.contains(name))
      detail::reject("to_safetensors: names", "each once, and not __metadata__", "'" + name + "'");
    detail::check_shape("to_safetensors: tensor '" + name + "'", tensor.shape, tensor.values.size());
    const std::size_t begin = numbers.size();
    detail::append_bytes(numbers, tensor.values);
    header[name] = {{"dtype", sizeof(T) == 4 ? "F32" : "F64"},
                    {"shape", tensor.shape},
                    {"data_offsets", {begin, numbers.size()}}};
  }
  std::string text = detail::to_text(header);
  text.append((8 - text.size() % 8) % 8, ' ');  // the numbers begin at a multiple of 8 bytes
  std::string bytes;
  detail::append_little_endian(bytes, static_cast<std::uint64_t>(text.size()));
  return bytes + text + numbers;
}

template <class T>
void write_safetensors(const std::string& path, const TensorFile<T>& file) {
  write_file(path, to_safetensors(file));
}

template TensorFile<float> parse_safetensors(std::string_view, std::string_view);
template TensorFile<double> parse_safetensors(std::string_view, std::string_view);
template TensorFile<float> read_safetensors(const std::string&);
template TensorFile<double> read_safetensors(const std::string&);
template std::string to_safetensors(const TensorFile<float>&);
template std::string to_safetensors(const TensorFile<double>&);
template void write_safetensors(const std::string&, const TensorFile<float>&);
template void write_safetensors(const std::string&, const TensorFile<double>&);

}  // namespace costate
