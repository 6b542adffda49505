#include <costate/data/detail/text_table.hpp>

#include <algorithm>
#include <cstddef>

namespace costate::detail {
namespace {

/// Characters of UTF-8 text: all bytes but the continuing ones.
std::size_t width_of(std::string_view text) {
  return static_cast<std::size_t>(
      std::count_if(text.begin(), text.end(), [](char c) { return (c & 0xC0) != 0x80; }));
}

void add_line(std::string& text, const std::vector<std::string>& cells,
              const std::vector<std::size_t>& widths, std::size_t left) {
  std::string line;
  for (std::size_t j = 0; j < cells.size(); ++j) {
    const std::string padding(widths[j] - width_of(cells[j]), ' ');
    if (j > 0) line += "  ";
    line += j < left ? cells[j] + padding : padding + cells[j];
  }
  line.erase(line.find_last_not_of(' ') + 1);
  text += line + '\n';
}

}  // namespace

std::string text_table(const std::vector<std::string>& heading,
                       const std::vector<std::vector<std::string>>& lines, std::size_t left) {
  std::vector<std::size_t> widths;
  for (const auto& name : heading) widths.push_back(width_of(name));
  for (const auto& cells : lines)
    for (std::size_t j = 0; j < cells.size(); ++j) widths[j] = std::max(widths[j], width_of(cells[j]));
  std::string text;
  add_line(text, heading, widths, left);
  for (const auto& cells : lines) add_line(text, cells, widths, left);
  return text;
}

std::string quoted_list(const std::vector<std::string>& names) {
  std::string list;
  for (const auto& name : names) list += (list.empty() ? "'" : ", '") + name + "'";
  return list;
}

std::string shown(std::string_view text) {
  constexpr std::size_t longest = 40;
  std::string result = "'";
  for (const char c : text.substr(0, longest))
    result += static_cast<unsigned char>(c) < 0x20 || c == 0x7F ? '?' : c;
  return result + (text.size() > longest ? "…'" : "'");
}

}  // namespace costate::detail
