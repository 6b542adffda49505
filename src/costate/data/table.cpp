#include <costate/core/errors.hpp>
#include <costate/data/detail/text_table.hpp>
#include <costate/data/table.hpp>

#include <algorithm>
#include <cmath>
#include <cstdio>

namespace costate {

Table::Table(std::vector<std::string> names, std::vector<std::vector<double>> columns)
    : names_(std::move(names)), columns_(std::move(columns)) {
  if (names_.size() != columns_.size())
    detail::reject("Table: names", "one for each of the " + std::to_string(columns_.size()) + " columns",
                   std::to_string(names_.size()));
  auto sorted = names_;
  std::sort(sorted.begin(), sorted.end());
  const auto twice = std::adjacent_find(sorted.begin(), sorted.end());
  if (twice != sorted.end()) detail::reject("Table: names", "each name once", "'" + *twice + "' twice");
  for (std::size_t j = 0; j < cols(); ++j)
    if (columns_[j].size() != rows())
      detail::reject_size("Table: column '" + names_[j] + "'", rows(), columns_[j].size());
}

bool Table::has(std::string_view name) const {
  return std::find(names_.begin(), names_.end(), name) != names_.end();
}

std::size_t Table::index_of(std::string_view name) const {
  const auto found = std::find(names_.begin(), names_.end(), name);
  if (found == names_.end())
    detail::reject("Table: column", "one of " + detail::quoted_list(names_), "'" + std::string(name) + "'");
  return static_cast<std::size_t>(found - names_.begin());
}

std::size_t Table::missing(std::string_view name) const {
  const auto& values = (*this)[name];
  return static_cast<std::size_t>(
      std::count_if(values.begin(), values.end(), [](double x) { return std::isnan(x); }));
}

Table Table::with_column(std::string name, std::vector<double> values) const {
  auto names = names_;
  auto columns = columns_;
  names.push_back(std::move(name));
  columns.push_back(std::move(values));
  return {std::move(names), std::move(columns)};
}

Table Table::select(const std::vector<std::string>& names) const {
  std::vector<std::vector<double>> columns;
  for (const auto& name : names) columns.push_back((*this)[name]);
  return {names, std::move(columns)};
}

Table Table::at_rows(const std::vector<std::size_t>& numbers) const {
  std::vector<std::vector<double>> columns(cols());
  for (const std::size_t i : numbers)
    if (i >= rows()) detail::reject("Table: row", "less than " + std::to_string(rows()), std::to_string(i));
  for (std::size_t j = 0; j < cols(); ++j)
    for (const std::size_t i : numbers) columns[j].push_back(columns_[j][i]);
  return {names_, std::move(columns)};
}

std::string to_string(const Table& table, std::size_t max_rows) {
  const bool shortened = table.rows() > max_rows;
  const std::size_t above = shortened ? (max_rows + 1) / 2 : table.rows();
  const std::size_t below = shortened ? max_rows - above : 0;
  std::vector<std::vector<std::string>> lines;
  const auto add = [&](std::size_t i) {
    std::vector<std::string> cells;
    for (std::size_t j = 0; j < table.cols(); ++j) {
      const double value = table.column(j)[i];
      cells.push_back(std::isnan(value) ? "" : detail::to_text(value));
    }
    lines.push_back(std::move(cells));
  };
  for (std::size_t i = 0; i < above; ++i) add(i);
  if (shortened && table.cols() > 0) {
    std::vector<std::string> cells(table.cols(), "");
    cells.front() = "(" + std::to_string(table.rows() - above - below) + " more)";
    lines.push_back(std::move(cells));
  }
  for (std::size_t i = table.rows() - below; i < table.rows(); ++i) add(i);
  return detail::text_table(table.names(), lines);
}

void print(const Table& table) {
  std::fputs(to_string(table).c_str(), stdout);
}

}  // namespace costate
