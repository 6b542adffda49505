#include <costate/core/errors.hpp>
#include <costate/data/detail/elements.hpp>

#include <bit>
#include <cmath>
#include <cstring>
#include <limits>
#include <stdexcept>
#include <type_traits>

namespace costate::detail {
namespace {

struct TypeFact {
  std::string_view name;
  std::size_t size;
};
/// In the order of ElementType.
constexpr TypeFact facts[] = {{"bool", 1},     {"int8", 1},    {"uint8", 1},  {"int16", 2},  {"uint16", 2},
                              {"int32", 4},    {"uint32", 4},  {"int64", 8},  {"uint64", 8}, {"float16", 2},
                              {"bfloat16", 2}, {"float32", 4}, {"float64", 8}};

/// The number at one place, in the order of bytes of this machine.
template <class Raw>
Raw raw_at(const Elements& elements, std::size_t i) {
  static_assert(std::endian::native == std::endian::little || std::endian::native == std::endian::big);
  unsigned char bytes[sizeof(Raw)];
  std::memcpy(bytes, elements.bytes.data() + i * sizeof(Raw), sizeof(Raw));
  if (elements.big_endian != (std::endian::native == std::endian::big))
    for (std::size_t k = 0; k < sizeof(Raw) / 2; ++k) std::swap(bytes[k], bytes[sizeof(Raw) - 1 - k]);
  Raw value;
  std::memcpy(&value, bytes, sizeof(Raw));
  return value;
}

/// IEEE 754 binary16: sign, 5 bits of exponent with bias 15, 10 bits of fraction.
float from_half(std::uint16_t bits) {
  const std::uint32_t sign = static_cast<std::uint32_t>(bits & 0x8000u) << 16;
  const std::uint32_t exponent = bits >> 10 & 0x1Fu, fraction = bits & 0x3FFu;
  if (exponent == 0) {
    const float magnitude = std::ldexp(static_cast<float>(fraction), -24);
    return sign != 0 ? -magnitude : magnitude;
  }
  const std::uint32_t wide = exponent == 31 ? 255 : exponent + 112;
  return std::bit_cast<float>(sign | wide << 23 | fraction << 13);
}

/// The upper half of a float.
float from_bfloat(std::uint16_t bits) {
  return std::bit_cast<float>(static_cast<std::uint32_t>(bits) << 16);
}

template <class T, class Raw>
T exactly(Raw value, ElementType type, std::string_view file) {
  if constexpr (std::is_integral_v<Raw>) {
    constexpr int digits = std::numeric_limits<T>::digits;
    if constexpr (std::numeric_limits<Raw>::digits > digits) {
      const T converted = static_cast<T>(value);
      // 2^63 and 2^64 themselves cannot be converted back
      const bool fits = converted < std::ldexp(T(1), std::numeric_limits<Raw>::digits);
      if (!fits || static_cast<Raw>(converted) != value)
        fail_file(file, "want whole numbers that a float of " + std::to_string(8 * sizeof(T)) +
                            " bits holds exactly, got " + std::to_string(value) + " of type " +
                            std::string(name_of(type)));
      return converted;
    }
  }
  return static_cast<T>(value);
}

}  // namespace

void fail_file(std::string_view name, const std::string& sentence) {
  throw std::runtime_error("costate: '" + std::string(name) + "': " + sentence);
}

std::size_t size_of(ElementType type) {
  return facts[static_cast<std::size_t>(type)].size;
}
std::string_view name_of(ElementType type) {
  return facts[static_cast<std::size_t>(type)].name;
}

template <class T>
std::vector<T> decode(const Elements& elements, std::string_view file) {
  const ElementType type = elements.type;
  if (type == ElementType::f64 && sizeof(T) < 8)
    fail_file(file, "want float32, got float64: read it as double, and round where that is meant");
  std::vector<T> values(elements.bytes.size() / size_of(type));
  const auto fill = [&](auto raw, auto&& convert) {
    for (std::size_t i = 0; i < values.size(); ++i) values[i] = convert(raw_at<decltype(raw)>(elements, i));
  };
  const auto plain = [&](auto raw) { return exactly<T>(raw, type, file); };
  switch (type) {
    case ElementType::b1:
      fill(std::uint8_t{}, [](std::uint8_t raw) { return T(raw != 0); });
      break;
    case ElementType::i8:
      fill(std::int8_t{}, plain);
      break;
    case ElementType::u8:
      fill(std::uint8_t{}, plain);
      break;
    case ElementType::i16:
      fill(std::int16_t{}, plain);
      break;
    case ElementType::u16:
      fill(std::uint16_t{}, plain);
      break;
    case ElementType::i32:
      fill(std::int32_t{}, plain);
      break;
    case ElementType::u32:
      fill(std::uint32_t{}, plain);
      break;
    case ElementType::i64:
      fill(std::int64_t{}, plain);
      break;
    case ElementType::u64:
      fill(std::uint64_t{}, plain);
      break;
    case ElementType::f16:
      fill(std::uint16_t{}, [](std::uint16_t raw) { return T(from_half(raw)); });
      break;
    case ElementType::bf16:
      fill(std::uint16_t{}, [](std::uint16_t raw) { return T(from_bfloat(raw)); });
      break;
    case ElementType::f32:
      fill(float{}, plain);
      break;
    case ElementType::f64:
      fill(double{}, plain);
      break;
  }
  return values;
}

template <class T>
void append_bytes(std::string& bytes, const std::vector<T>& values) {
  using Bits = std::conditional_t<sizeof(T) == 4, std::uint32_t, std::uint64_t>;
  bytes.reserve(bytes.size() + values.size() * sizeof(T));
  for (const T value : values) append_little_endian(bytes, std::bit_cast<Bits>(value));
}

std::size_t bytes_of(const std::vector<std::size_t>& shape, ElementType type) {
  constexpr std::size_t limit = std::size_t{1} << 62;
  std::size_t product = size_of(type);
  for (const std::size_t length : shape)
    if (length == 0) return 0;
  for (const std::size_t length : shape) {
    if (product >= limit / length) return std::numeric_limits<std::size_t>::max();
    product *= length;
  }
  return product;
}

void check_shape(std::string_view field, const std::vector<std::size_t>& shape, std::size_t values) {
  const std::size_t wanted = bytes_of(shape, ElementType::u8);
  if (wanted != values)
    reject(field, "as many numbers as the shape " + shape_text(shape) + " has", std::to_string(values));
}

std::string shape_text(const std::vector<std::size_t>& shape) {
  std::string text;
  for (const std::size_t length : shape) text += (text.empty() ? "" : ", ") + std::to_string(length);
  return "[" + text + "]";
}

template std::vector<float> decode(const Elements&, std::string_view);
template std::vector<double> decode(const Elements&, std::string_view);
template void append_bytes(std::string&, const std::vector<float>&);
template void append_bytes(std::string&, const std::vector<double>&);

}  // namespace costate::detail
