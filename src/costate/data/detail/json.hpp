#pragma once

#include <costate/data/detail/elements.hpp>
#include <costate/data/detail/text_table.hpp>

#include <cstdint>
#include <limits>
#include <nlohmann/json.hpp>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

// For .cpp files only.
namespace costate::detail {

using Json = nlohmann::json;

/// The value of a JSON text in which no object has a key twice; throws std::runtime_error, naming the file.
inline Json parse_json(std::string_view text, std::string_view file, const std::string& what) {
  std::vector<std::set<std::string>> keys;
  std::string twice;
  const auto note = [&](int, Json::parse_event_t event, Json& value) {
    if (event == Json::parse_event_t::object_start) keys.emplace_back();
    if (event == Json::parse_event_t::object_end) keys.pop_back();
    if (event == Json::parse_event_t::key && !keys.back().insert(value.get<std::string>()).second &&
        twice.empty())
      twice = value.get<std::string>();
    return true;
  };
  Json value = Json::parse(text.begin(), text.end(), note, false);
  if (value.is_discarded()) fail_file(file, what + " is no JSON: " + shown(text));
  if (!twice.empty()) fail_file(file, what + " has the key " + shown(twice) + " twice");
  return value;
}

/// A count in JSON, below 2^53 as every reader of JSON can hold it; nothing for all else.
inline std::optional<std::size_t> count_in(const Json& value) {
  if (!value.is_number_unsigned()) return {};
  const auto number = value.get<std::uint64_t>();
  if (number >= std::uint64_t{1} << 53) return {};
  return static_cast<std::size_t>(number);
}

/// The counts of a JSON array; nothing for all else.
inline std::optional<std::vector<std::size_t>> counts_in(const Json& value) {
  if (!value.is_array()) return {};
  std::vector<std::size_t> counts;
  for (const auto& element : value) {
    const auto count = count_in(element);
    if (!count) return {};
    counts.push_back(*count);
  }
  return counts;
}

/// The member of that name, or null.
inline const Json& member(const Json& object, const char* key) {
  static const Json null;
  const auto found = object.find(key);
  return found == object.end() ? null : *found;
}

/// Text that cannot be UTF-8 is written with its wrong bytes replaced.
inline std::string to_text(const Json& value) {
  return value.dump(-1, ' ', false, Json::error_handler_t::replace);
}

}  // namespace costate::detail
