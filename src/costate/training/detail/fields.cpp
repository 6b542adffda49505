#include <costate/training/detail/fields.hpp>

#include <algorithm>
#include <bit>
#include <cstring>
#include <stdexcept>

namespace costate::detail {
namespace {

constexpr char list_mark = '*', single_mark = '.';

std::string name_of(char letter, unsigned width, bool list) {
  const char* const number = letter == 'f'   ? "floating-point"
                             : letter == 'u' ? "unsigned"
                             : letter == 'i' ? "signed"
                             : letter == 'b' ? "yes-or-no"
                                             : "unknown";
  return std::string(list ? "a list of " : "one ") + number + " of " + std::to_string(width) + " bytes";
}

/// Numbers of `width` bytes between this machine's order and little-endian; `to` may be `from`.
void copy_little_endian(char* to, const char* from, std::size_t width, std::size_t count) {
  if (count > 0 && to != from) std::memcpy(to, from, width * count);
  if constexpr (std::endian::native == std::endian::big)
    for (std::size_t i = 0; i < count; ++i) std::reverse(to + i * width, to + (i + 1) * width);
}

}  // namespace

void append_numbers(std::string& bytes, FieldKind kind, const void* numbers, std::size_t count) {
  bytes += kind.letter;
  bytes += static_cast<char>(kind.width);
  bytes += kind.list ? list_mark : single_mark;
  if (kind.list) {
    const std::uint64_t size = count;
    bytes.resize(bytes.size() + sizeof size);
    copy_little_endian(bytes.data() + bytes.size() - sizeof size, reinterpret_cast<const char*>(&size),
                       sizeof size, 1);
  }
  const std::size_t place = bytes.size();
  bytes.resize(place + kind.width * count);
  copy_little_endian(bytes.data() + place, static_cast<const char*>(numbers), kind.width, count);
}

std::string_view FieldReader::take(std::size_t size) {
  if (size > rest_.size()) throw std::runtime_error("it ends in the middle of a field");
  const std::string_view front = rest_.substr(0, size);
  rest_.remove_prefix(size);
  return front;
}

std::size_t FieldReader::count(FieldKind wanted) {
  const std::string_view kind = take(3);
  const bool list = kind[2] == list_mark;
  if (kind[0] != wanted.letter || static_cast<unsigned char>(kind[1]) != wanted.width ||
      list != wanted.list || (!list && kind[2] != single_mark)) {
    throw std::runtime_error("it holds " + name_of(kind[0], static_cast<unsigned char>(kind[1]), list) +
                             " where " + name_of(wanted.letter, wanted.width, wanted.list) + " was expected");
  }
  if (!list) return 1;
  std::uint64_t size = 0;
  copy_little_endian(reinterpret_cast<char*>(&size), take(sizeof size).data(), sizeof size, 1);
  if (size > rest_.size() / wanted.width) throw std::runtime_error("it ends in the middle of a list");
  return static_cast<std::size_t>(size);
}

void FieldReader::numbers(FieldKind kind, void* numbers, std::size_t count) {
  const std::string_view bytes = take(kind.width * count);
  if (kind.letter == 'b') {
    // any other byte in a bool is undefined behavior
    for (std::size_t i = 0; i < count; ++i) static_cast<bool*>(numbers)[i] = bytes[i] != 0;
    return;
  }
  copy_little_endian(static_cast<char*>(numbers), bytes.data(), kind.width, count);
}

void throw_other_size(std::size_t wanted, std::size_t got) {
  throw std::runtime_error("it holds a list of " + std::to_string(got) + " numbers where " +
                           std::to_string(wanted) + " were expected");
}

}  // namespace costate::detail
