#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace costate::detail {

/// Throws std::invalid_argument("<field>: want <wanted>, got <got>").
[[noreturn]] void reject(std::string_view field, std::string_view wanted, std::string_view got);
[[noreturn]] void reject(std::string_view field, std::string_view wanted, double got);
[[noreturn]] void reject_size(std::string_view field, std::size_t wanted, std::size_t got);
[[noreturn]] void reject_shape(std::string_view field, std::size_t wanted_rows, std::size_t wanted_cols,
                               std::size_t rows, std::size_t cols);

/// A short text for a number in an error message.
std::string to_text(double value);

}  // namespace costate::detail
