#pragma once

#include <costate/data/table.hpp>

#include <string>
#include <string_view>
#include <vector>

namespace costate {

/// How a CSV file is written.
struct CsvOptions {
  char delimiter = ',';  ///< between fields; '\t' and ';' are usual too
  char comment = '#';    ///< a line that begins with it is skipped; '\0': none is
  char decimal = '.';    ///< ',' in some countries, with delimiter ';'
  bool header = true;    ///< the first line names the columns; otherwise they are column1, column2, …
  std::vector<std::string> missing{"", "NA", "NaN", "nan", "null"};  ///< fields that are read as NaN
  std::vector<std::string> columns{};  ///< those to read, the others may hold any text; all if empty
};

/// The table at the beginning of `text`, in the form of RFC 4180: a field may stand in double quotes, where
/// "" is a quote; lines end with LF or CRLF. Beyond it: blank lines and comments are skipped, blanks around
/// fields too, and so is a byte order mark. Numbers are read the same way in every locale. `name` stands for
/// the text in messages.
///
/// Throws std::runtime_error, naming line and column, what was wanted and what was got: for a field that is
/// no number, a line of another length, a quote that does not close, names that repeat.
Table parse_csv(std::string_view text, const CsvOptions& options = {}, std::string_view name = "CSV text");

/// parse_csv of the file at `path`.
Table read_csv(const std::string& path, const CsvOptions& options = {});

/// The table as CSV text that parse_csv reads back to the same bits; NaN stands for a missing value. Of the
/// options, delimiter, decimal and header are used.
std::string to_csv(const Table& table, const CsvOptions& options = {});

/// Writes to_csv(table), wholly or not at all (see write_file).
void write_csv(const std::string& path, const Table& table, const CsvOptions& options = {});

}  // namespace costate
