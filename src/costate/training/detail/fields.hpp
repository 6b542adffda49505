#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <tuple>
#include <type_traits>
#include <utility>

namespace costate::detail {

/// What one field is, written before it: a reader that expects another kind refuses.
struct FieldKind {
  char letter;         ///< u unsigned, i signed, f floating point, b bool
  std::uint8_t width;  ///< bytes of a number
  bool list;
};

template <class N>
constexpr FieldKind kind_of(bool list) {
  const char letter = std::is_same_v<N, bool>       ? 'b'
                      : std::is_floating_point_v<N> ? 'f'
                      : std::is_unsigned_v<N>       ? 'u'
                                                    : 'i';
  return {letter, static_cast<std::uint8_t>(sizeof(N)), list};
}

/// Appends `count` numbers, little-endian, after their kind.
void append_numbers(std::string& bytes, FieldKind kind, const void* numbers, std::size_t count);

/// Reads fields off the front of bytes that it does not own. Every function throws std::runtime_error with
/// the reason, not the file, where the bytes are of another kind or too few.
class FieldReader {
 public:
  explicit FieldReader(std::string_view bytes) : rest_(bytes) {}

  /// Numbers that follow, which surely are there.
  std::size_t count(FieldKind wanted);
  /// `count` numbers, after a call of count().
  void numbers(FieldKind kind, void* numbers, std::size_t count);
  bool at_end() const { return rest_.empty(); }

 private:
  std::string_view take(std::size_t size);

  std::string_view rest_;
};

[[noreturn]] void throw_other_size(std::size_t wanted, std::size_t got);

/// A struct that names what a resumed run needs: `auto fields() { return std::tie(a, b, …); }`.
template <class S>
concept HasFields = requires(S& s) {
  s.fields();
};

template <class S>
inline constexpr bool is_field_tuple = false;
template <class... F>
inline constexpr bool is_field_tuple<std::tuple<F...>> = true;

template <class F>
constexpr bool can_be_kept();
template <class... F>
constexpr bool all_can_be_kept(const std::tuple<F...>*) {
  return (can_be_kept<std::remove_cvref_t<F>>() && ...);
}

/// Whether write_field and read_field take an F.
template <class F>
constexpr bool can_be_kept() {
  if constexpr (HasFields<F>) {
    return all_can_be_kept(static_cast<decltype(std::declval<F&>().fields())*>(nullptr));
  } else if constexpr (is_field_tuple<F>) {
    return all_can_be_kept(static_cast<F*>(nullptr));
  } else if constexpr (requires(F & list) { list.resize(list.size()), list.data(); }) {
    return can_be_kept<typename F::value_type>();
  } else {
    return std::is_arithmetic_v<F> || std::is_enum_v<F>;
  }
}

/// Any of: a number, an enum, a list of numbers (std::vector, std::string), a list of structs, a struct with
/// fields(), a tuple of these.
template <class F>
void write_field(std::string& bytes, F& field) {
  const auto each = [&](auto&... parts) { (write_field(bytes, parts), ...); };
  if constexpr (HasFields<F>) {
    std::apply(each, field.fields());
  } else if constexpr (is_field_tuple<F>) {
    std::apply(each, field);
  } else if constexpr (std::is_enum_v<F>) {
    auto number = static_cast<std::underlying_type_t<F>>(field);
    write_field(bytes, number);
  } else if constexpr (std::is_arithmetic_v<F>) {
    append_numbers(bytes, kind_of<F>(false), &field, 1);
  } else if constexpr (std::is_arithmetic_v<typename F::value_type>) {
    append_numbers(bytes, kind_of<typename F::value_type>(true), field.data(), field.size());
  } else {
    std::uint64_t size = field.size();
    write_field(bytes, size);
    for (auto& part : field) write_field(bytes, part);
  }
}

template <class L>
void resize_list(L& list, std::size_t size) {
  if (!list.empty() && list.size() != size) throw_other_size(list.size(), size);
  list.resize(size);
}

/// The other way. A list that has a size already keeps it: one of another size is refused.
template <class F>
void read_field(FieldReader& reader, F& field) {
  const auto each = [&](auto&... parts) { (read_field(reader, parts), ...); };
  if constexpr (HasFields<F>) {
    std::apply(each, field.fields());
  } else if constexpr (is_field_tuple<F>) {
    std::apply(each, field);
  } else if constexpr (std::is_enum_v<F>) {
    std::underlying_type_t<F> number{};
    read_field(reader, number);
    field = static_cast<F>(number);
  } else if constexpr (std::is_arithmetic_v<F>) {
    constexpr FieldKind kind = kind_of<F>(false);
    reader.numbers(kind, &field, reader.count(kind));
  } else if constexpr (std::is_arithmetic_v<typename F::value_type>) {
    constexpr FieldKind kind = kind_of<typename F::value_type>(true);
    resize_list(field, reader.count(kind));
    reader.numbers(kind, field.data(), field.size());
  } else {
    std::uint64_t size = 0;
    read_field(reader, size);
    if (field.empty()) {
      // one by one, so that a size out of thin air ends with the bytes and not with the memory
      for (std::uint64_t i = 0; i < size; ++i) read_field(reader, field.emplace_back());
    } else {
      resize_list(field, static_cast<std::size_t>(size));
      for (auto& part : field) read_field(reader, part);
    }
  }
}

}  // namespace costate::detail
