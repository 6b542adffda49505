#include <costate/data/detail/elements.hpp>
#include <costate/data/detail/text_table.hpp>
#include <costate/data/file.hpp>
#include <costate/data/npy.hpp>

#include <charconv>
#include <optional>
#include <utility>

namespace costate {
namespace {

using detail::ElementType;
using detail::fail_file;

constexpr std::string_view magic("\x93NUMPY", 6);
constexpr std::size_t most_dimensions = 64;  // of NumPy itself

struct Header {
  ElementType type{};
  bool big_endian = false, fortran_order = false;
  std::vector<std::size_t> shape;
};

/// Reads the literal of a Python dictionary: {'descr': '<f8', 'fortran_order': False, 'shape': (3, 4), }
class HeaderReader {
 public:
  HeaderReader(std::string_view text, std::string_view name) : text_(text), whole_(text), name_(name) {}

  Header read() {
    expect('{');
    while (!accept('}')) {
      const auto key = string();
      expect(':');
      if (key == "descr" && !descr_)
        descr_ = description();
      else if (key == "fortran_order" && !order_)
        order_ = truth();
      else if (key == "shape" && !shape_)
        shape_ = tuple();
      else
        fail("want descr, fortran_order and shape, each once");
      if (accept('}')) break;
      expect(',');
    }
    skip();
    if (!text_.empty()) fail("want nothing after the dictionary");
    if (!descr_ || !order_ || !shape_) fail("want descr, fortran_order and shape");
    return {descr_->first, descr_->second, *order_, std::move(*shape_)};
  }

 private:
  [[noreturn]] void fail(const std::string& wanted) const {
    fail_file(name_, "npy header: " + wanted + ", got " + detail::shown(text_.empty() ? whole_ : text_));
  }
  void skip() {
    const std::size_t first = text_.find_first_not_of(" \t\n\r");
    text_.remove_prefix(first == std::string_view::npos ? text_.size() : first);
  }
  bool accept(char c) {
    skip();
    if (text_.empty() || text_.front() != c) return false;
    text_.remove_prefix(1);
    return true;
  }
  void expect(char c) {
    if (!accept(c)) fail(std::string("want '") + c + "'");
  }
  std::string_view string() {
    const char quote = accept('\'') ? '\'' : accept('"') ? '"' : '\0';
    const std::size_t end = quote == '\0' ? std::string_view::npos : text_.find(quote);
    if (end == std::string_view::npos) fail("want a string");
    const auto result = text_.substr(0, end);
    text_.remove_prefix(end + 1);
    return result;
  }
  bool truth() {
    skip();
    for (const auto& [word, value] : {std::pair<std::string_view, bool>{"True", true}, {"False", false}}) {
      if (text_.substr(0, word.size()) == word) {
        text_.remove_prefix(word.size());
        return value;
      }
    }
    fail("want True or False");
  }
  std::vector<std::size_t> tuple() {
    std::vector<std::size_t> shape;
    expect('(');
    while (!accept(')')) {
      std::size_t length = 0;
      skip();
      const auto [end, error] = std::from_chars(text_.data(), text_.data() + text_.size(), length);
      if (error != std::errc()) fail("want a size");
      text_.remove_prefix(static_cast<std::size_t>(end - text_.data()));
      if (!text_.empty() && text_.front() == 'L') text_.remove_prefix(1);  // as Python 2 wrote them
      if (shape.size() == most_dimensions) fail("want at most 64 dimensions");
      shape.push_back(length);
      if (accept(')')) break;
      expect(',');
    }
    return shape;
  }
  /// "<f8": order of bytes, kind, bytes of one number.
  std::pair<ElementType, bool> description() {
    skip();
    constexpr const char* wanted = "want numbers (f2, f4, f8, i1 … u8, b1)";
    if (text_.substr(0, 1) == "[") fail(wanted);
    const auto before = text_;
    const auto text = string();
    constexpr std::pair<std::string_view, ElementType> known[] = {
        {"b1", ElementType::b1},  {"i1", ElementType::i8},  {"u1", ElementType::u8},
        {"i2", ElementType::i16}, {"u2", ElementType::u16}, {"i4", ElementType::i32},
        {"u4", ElementType::u32}, {"i8", ElementType::i64}, {"u8", ElementType::u64},
        {"f2", ElementType::f16}, {"f4", ElementType::f32}, {"f8", ElementType::f64}};
    const bool ordered =
        !text.empty() && std::string_view("<>=|").find(text.front()) != std::string_view::npos;
    for (const auto& [code, type] : known)
      if (text.substr(ordered ? 1 : 0) == code) return {type, text.front() == '>'};
    text_ = before;
    fail(wanted);
  }

  std::string_view text_, whole_, name_;
  std::optional<std::pair<ElementType, bool>> descr_;
  std::optional<bool> order_;
  std::optional<std::vector<std::size_t>> shape_;
};

/// The header's text and where the numbers begin.
std::pair<std::string_view, std::size_t> header_of(std::string_view bytes, std::string_view name) {
  if (bytes.substr(0, magic.size()) != magic) fail_file(name, "want a .npy file, got other bytes");
  if (bytes.size() < 10) fail_file(name, "npy header: cut short");
  const unsigned version = static_cast<unsigned char>(bytes[6]);
  if (version < 1 || version > 3)
    fail_file(name, "want a .npy file of version 1, 2 or 3, got " + std::to_string(version));
  const std::size_t start = version == 1 ? 10 : 12;
  if (bytes.size() < start) fail_file(name, "npy header: cut short");
  const std::size_t length = version == 1 ? detail::little_endian<std::uint16_t>(bytes, 8)
                                          : detail::little_endian<std::uint32_t>(bytes, 8);
  if (bytes.size() - start < length) fail_file(name, "npy header: cut short");
  return {bytes.substr(start, length), start + length};
}

/// Columns first to rows first: the indices of the result count up in C order, `at` follows in the other.
template <class T>
std::vector<T> in_c_order(const std::vector<T>& values, const std::vector<std::size_t>& shape) {
  std::vector<std::size_t> stride(shape.size(), 1), index(shape.size(), 0);
  for (std::size_t d = 1; d < shape.size(); ++d) stride[d] = stride[d - 1] * shape[d - 1];
  std::vector<T> result(values.size());
  std::size_t at = 0;
  for (T& value : result) {
    value = values[at];
    for (std::size_t d = shape.size(); d-- > 0;) {
      at += stride[d];
      if (++index[d] < shape[d]) break;
      at -= stride[d] * shape[d];
      index[d] = 0;
    }
  }
  return result;
}

}  // namespace

template <class T>
Tensor<T> parse_npy(std::string_view bytes, std::string_view name) {
  const auto [text, start] = header_of(bytes, name);
  Header header = HeaderReader(text, name).read();
  const std::size_t wanted = detail::bytes_of(header.shape, header.type), there = bytes.size() - start;
  if (wanted != there)
    fail_file(name, "want all numbers of the shape " + detail::shape_text(header.shape) + " of type " +
                        std::string(detail::name_of(header.type)) + ", got " + std::to_string(there) +
                        " bytes");
  auto values = detail::decode<T>({bytes.substr(start), header.type, header.big_endian}, name);
  if (header.fortran_order && header.shape.size() > 1) values = in_c_order(values, header.shape);
  return {std::move(header.shape), std::move(values)};
}

template <class T>
Tensor<T> read_npy(const std::string& path) {
  return parse_npy<T>(read_file(path), path);
}

template <class T>
std::string to_npy(const Tensor<T>& tensor) {
  detail::check_shape("to_npy: tensor", tensor.shape, tensor.values.size());
  std::string shape;
  for (const std::size_t length : tensor.shape) shape += std::to_string(length) + ", ";
  if (tensor.shape.size() > 1) shape.resize(shape.size() - 2);
  if (tensor.shape.size() == 1) shape.pop_back();
  std::string header = "{'descr': '" + std::string(sizeof(T) == 4 ? "<f4" : "<f8") +
                       "', 'fortran_order': False, 'shape': (" + shape + "), }";
  // the numbers begin at a multiple of 64 bytes
  header.append(63 - (10 + header.size()) % 64, ' ');
  header += '\n';
  std::string bytes(magic);
  bytes += '\x01';
  bytes += '\0';
  detail::append_little_endian(bytes, static_cast<std::uint16_t>(header.size()));
  bytes += header;
  detail::append_bytes(bytes, tensor.values);
  return bytes;
}

template <class T>
void write_npy(const std::string& path, const Tensor<T>& tensor) {
  write_file(path, to_npy(tensor));
}

template Tensor<float> parse_npy(std::string_view, std::string_view);
template Tensor<double> parse_npy(std::string_view, std::string_view);
template Tensor<float> read_npy(const std::string&);
template Tensor<double> read_npy(const std::string&);
template std::string to_npy(const Tensor<float>&);
template std::string to_npy(const Tensor<double>&);
template void write_npy(const std::string&, const Tensor<float>&);
template void write_npy(const std::string&, const Tensor<double>&);

}  // namespace costate
