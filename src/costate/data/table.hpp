#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace costate {

/// Named columns of numbers, all of one length; a missing value is NaN.
///
///     const Table record = read_csv("lynx.csv");
///     const auto early = record.filter([](const auto& row) { return row["year"] < 1910; });
///     for (const double count : early["hare"]) …
class Table {
 public:
  /// One row of a table, by the names of its columns.
  class Row {
   public:
    Row(const Table& table, std::size_t number) : table_(&table), number_(number) {}
    double operator[](std::string_view name) const { return (*table_)[name][number_]; }
    std::size_t number() const { return number_; }

   private:
    const Table* table_;
    std::size_t number_;
  };

  Table() = default;
  /// Throws std::invalid_argument where the counts of names and columns or the lengths of the columns differ,
  /// or a name is there twice.
  Table(std::vector<std::string> names, std::vector<std::vector<double>> columns);

  std::size_t rows() const { return columns_.empty() ? 0 : columns_.front().size(); }
  std::size_t cols() const { return columns_.size(); }
  const std::vector<std::string>& names() const { return names_; }
  bool has(std::string_view name) const;

  /// The column of that name; throws std::invalid_argument, listing the names there are, where it is none.
  const std::vector<double>& operator[](std::string_view name) const { return columns_[index_of(name)]; }
  const std::vector<double>& column(std::size_t j) const { return columns_[j]; }
  Row row(std::size_t i) const { return {*this, i}; }
  /// How many values of that column are missing.
  std::size_t missing(std::string_view name) const;

  /// The same rows with a column more; throws where the name is taken or the length differs.
  Table with_column(std::string name, std::vector<double> values) const;
  /// Those columns, in that order.
  Table select(const std::vector<std::string>& names) const;
  /// The rows for which keep(row) is true, in their order; row["year"] is a number.
  template <class Keep>
  Table filter(Keep&& keep) const {
    std::vector<std::size_t> kept;
    for (std::size_t i = 0; i < rows(); ++i)
      if (keep(row(i))) kept.push_back(i);
    return at_rows(kept);
  }
  /// Those rows, in that order.
  Table at_rows(const std::vector<std::size_t>& numbers) const;

 private:
  std::size_t index_of(std::string_view name) const;

  std::vector<std::string> names_;
  std::vector<std::vector<double>> columns_;
};

/// The table as aligned text, the names above; at most max_rows rows, of which the middle ones are left out
/// with their count. A missing value is an empty place.
std::string to_string(const Table& table, std::size_t max_rows = 40);

/// Writes to_string(table) to the standard output.
void print(const Table& table);

}  // namespace costate
