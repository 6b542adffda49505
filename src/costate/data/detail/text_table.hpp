#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace costate::detail {

/// Lines of cells below a heading, columns padded to one width; the first `left` columns are aligned left,
/// the others right. Every line ends with a newline and has as many cells as the heading.
std::string text_table(const std::vector<std::string>& heading,
                       const std::vector<std::vector<std::string>>& lines, std::size_t left = 0);

/// 'a', 'b', 'c'; nothing where there are none.
std::string quoted_list(const std::vector<std::string>& names);

/// Bytes of a file for a message: short, in quotes, without control characters.
std::string shown(std::string_view text);

}  // namespace costate::detail
