#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace costate::detail {

/// Throws std::runtime_error("costate: '<name>': <sentence>"), for a file that cannot be understood.
[[noreturn]] void fail_file(std::string_view name, const std::string& sentence);

/// The types of numbers that files of arrays have; each can be read as float or double.
enum class ElementType : unsigned char { b1, i8, u8, i16, u16, i32, u32, i64, u64, f16, bf16, f32, f64 };

std::size_t size_of(ElementType type);
std::string_view name_of(ElementType type);
template <class T>
inline constexpr ElementType element_type_of = sizeof(T) == 4 ? ElementType::f32 : ElementType::f64;

/// Numbers as they stand in a file called `file`.
struct Elements {
  std::string_view bytes;  ///< as many as shape and type ask for
  ElementType type;
  bool big_endian = false;
};

/// The numbers as T. Throws std::runtime_error where T would not hold them exactly: floating-point numbers of
/// a larger type, whole numbers with too many digits.
template <class T>
std::vector<T> decode(const Elements& elements, std::string_view file);

/// The bytes of floating-point numbers, little-endian.
template <class T>
void append_bytes(std::string& bytes, const std::vector<T>& values);

/// Throws std::invalid_argument where values are not as many as the shape says.
void check_shape(std::string_view field, const std::vector<std::size_t>& shape, std::size_t values);

/// The number of bytes of such an array; SIZE_MAX where it is not below 2^62.
std::size_t bytes_of(const std::vector<std::size_t>& shape, ElementType type);

/// "[2, 50]".
std::string shape_text(const std::vector<std::size_t>& shape);

/// An unsigned number of `Bytes` bytes, little-endian, at a place that is known to be inside.
template <class Unsigned>
Unsigned little_endian(std::string_view bytes, std::size_t at) {
  std::uint64_t value = 0;
  for (std::size_t i = 0; i < sizeof(Unsigned); ++i)
    value |= static_cast<std::uint64_t>(static_cast<unsigned char>(bytes[at + i])) << (8 * i);
  return static_cast<Unsigned>(value);
}
template <class Unsigned>
void append_little_endian(std::string& bytes, Unsigned value) {
  for (std::size_t i = 0; i < sizeof(Unsigned); ++i)
    bytes += static_cast<char>(static_cast<std::uint64_t>(value) >> (8 * i) & 0xFF);
}

}  // namespace costate::detail
