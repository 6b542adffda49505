#include <costate/core/errors.hpp>
#include <costate/data/csv.hpp>
#include <costate/data/detail/text_table.hpp>
#include <costate/data/file.hpp>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <limits>
#include <numeric>
#include <stdexcept>

namespace costate {
namespace {

void check(const CsvOptions& options) {
  const auto refuse = [](const char* field, const char* wanted, char got) {
    detail::reject(std::string("CsvOptions: ") + field, wanted, detail::shown(std::string(1, got)));
  };
  if (std::string_view("\"\r\n\0+-.0123456789", 17).find(options.delimiter) != std::string_view::npos)
    refuse("delimiter", "a character that is part of no number and no line end", options.delimiter);
  if (std::string_view("\"\r\n").find(options.comment) != std::string_view::npos ||
      options.comment == options.delimiter)
    refuse("comment", "a character other than the delimiter", options.comment);
  if ((options.decimal != '.' && options.decimal != ',') || options.decimal == options.delimiter)
    refuse("decimal", "'.' or ',', and other than the delimiter", options.decimal);
}

std::string without_blanks(std::string_view text, char delimiter) {
  const auto blank = [&](char c) { return (c == ' ' || c == '\t') && c != delimiter; };
  while (!text.empty() && blank(text.front())) text.remove_prefix(1);
  while (!text.empty() && blank(text.back())) text.remove_suffix(1);
  return std::string(text);
}

/// Cuts the text into records of fields.
class Reader {
 public:
  Reader(std::string_view text, const CsvOptions& options, std::string_view name)
      : text_(text), options_(options), name_(name) {
    if (text_.substr(0, 3) == "\xEF\xBB\xBF") text_.remove_prefix(3);
  }

  /// The next record that is neither blank nor a comment; false at the end.
  bool next(std::vector<std::string>& fields) {
    while (!text_.empty()) {
      record_line_ = line_;
      const std::size_t first = text_.find_first_not_of(options_.delimiter == '\t' ? " " : " \t");
      const char start = first == std::string_view::npos ? '\n' : text_[first];
      if (options_.comment != '\0' && start == options_.comment) {
        text_.remove_prefix(std::min(text_.find('\n'), text_.size()));
        end_line();
      } else if (start == '\n' || text_.substr(first, 2) == "\r\n" || text_.substr(first) == "\r") {
        text_.remove_prefix(first == std::string_view::npos ? text_.size() : first);
        end_line();
      } else {
        read_record(fields);
        return true;
      }
    }
    return false;
  }

  [[noreturn]] void fail(const std::string& where, std::string_view wanted, std::string_view got) const {
    std::string message = "costate: '" + std::string(name_) + "', line " + std::to_string(record_line_);
    message.append(where).append(": want ").append(wanted).append(", got ").append(got);
    throw std::runtime_error(message);
  }

 private:
  /// Past "\n", "\r\n" or the end.
  void end_line() {
    if (text_.substr(0, 1) == "\r") text_.remove_prefix(1);
    if (!text_.empty()) text_.remove_prefix(1);
    line_ += 1;
  }
  bool at_line_end() const {
    return text_.empty() || text_.front() == '\n' || text_.substr(0, 2) == "\r\n" || text_ == "\r";
  }

  void read_record(std::vector<std::string>& fields) {
    fields.clear();
    for (;;) {
      fields.push_back(read_field(fields.size() + 1));
      if (at_line_end()) break;
      text_.remove_prefix(1);
    }
    end_line();
  }

  std::string read_field(std::size_t number) {
    const std::size_t first = text_.find_first_not_of(options_.delimiter == '\t' ? " " : " \t");
    if (options_.delimiter != ' ' && first != std::string_view::npos && text_[first] == '"') {
      text_.remove_prefix(first + 1);
      return read_quoted(number);
    }
    std::size_t end = 0;
    while (end < text_.size() && text_[end] != options_.delimiter && text_[end] != '\n') ++end;
    std::string_view field = text_.substr(0, end);
    const bool ends_line = end == text_.size() || text_[end] == '\n';
    if (ends_line && !field.empty() && field.back() == '\r') field.remove_suffix(1);
    text_.remove_prefix(field.size());
    return without_blanks(field, options_.delimiter);
  }

  /// What follows an opening quote, up to the delimiter or the line's end.
  std::string read_quoted(std::size_t number) {
    std::string field;
    for (;;) {
      const std::size_t quote = text_.find('"');
      if (quote == std::string_view::npos)
        fail(", column " + std::to_string(number), "a quote that closes", "the end of the text");
      field += text_.substr(0, quote);
      line_ += static_cast<std::size_t>(
          std::count(text_.begin(), text_.begin() + static_cast<std::ptrdiff_t>(quote), '\n'));
      text_.remove_prefix(quote + 1);
      if (text_.substr(0, 1) != "\"") break;
      field += '"';
      text_.remove_prefix(1);
    }
    while (!at_line_end() && text_.front() != options_.delimiter) {
      if (text_.front() != ' ' && text_.front() != '\t')
        fail(", column " + std::to_string(number), "a delimiter after the closing quote",
             detail::shown(text_.substr(0, 1)));
      text_.remove_prefix(1);
    }
    return field;
  }

  std::string_view text_;
  const CsvOptions& options_;
  std::string_view name_;
  std::size_t line_ = 1, record_line_ = 1;
};

bool is_missing(const std::string& field, const CsvOptions& options) {
  return std::find(options.missing.begin(), options.missing.end(), field) != options.missing.end();
}

double number_in(std::string field, std::size_t j, const std::string& column, const CsvOptions& options,
                 const Reader& reader) {
  if (is_missing(field, options)) return std::numeric_limits<double>::quiet_NaN();
  const std::string got = detail::shown(field);
  const auto fail = [&](const char* wanted) {
    reader.fail(", column " + std::to_string(j + 1) + " '" + column + "'", wanted, got);
  };
  if (options.decimal != '.') {
    if (field.find('.') != std::string::npos) fail("a number with a decimal comma");
    std::replace(field.begin(), field.end(), options.decimal, '.');
  }
  const char *first = field.data(), *const last = field.data() + field.size();
  if (field.size() > 1 && *first == '+' && first[1] != '-') ++first;
  double value = 0;
  const auto [end, error] = std::from_chars(first, last, value);
  if (error == std::errc::result_out_of_range && end == last) fail("a number that a double holds");
  if (error != std::errc() || end != last) fail("a number");
  return value;
}

std::vector<std::string> names_from(const std::vector<std::string>& fields, const CsvOptions& options,
                                    const Reader& reader) {
  std::vector<std::string> names = options.header ? fields : std::vector<std::string>(fields.size());
  for (std::size_t j = 0; j < names.size(); ++j)
    if (names[j].empty()) names[j] = "column" + std::to_string(j + 1);
  auto sorted = names;
  std::sort(sorted.begin(), sorted.end());
  const auto twice = std::adjacent_find(sorted.begin(), sorted.end());
  if (twice != sorted.end()) reader.fail("", "each column's name once", detail::shown(*twice) + " twice");
  return names;
}

/// Which fields of a line become columns.
std::vector<std::size_t> wanted_fields(const std::vector<std::string>& names, const CsvOptions& options,
                                       const Reader& reader) {
  std::vector<std::size_t> fields;
  if (options.columns.empty()) {
    fields.resize(names.size());
    std::iota(fields.begin(), fields.end(), std::size_t{0});
  }
  for (const auto& name : options.columns) {
    const auto found = std::find(names.begin(), names.end(), name);
    if (found == names.end()) reader.fail("", "a column '" + name + "'", detail::quoted_list(names));
    fields.push_back(static_cast<std::size_t>(found - names.begin()));
  }
  return fields;
}

void append_number(std::string& text, double value, char decimal) {
  if (std::isnan(value)) {
    text += "NaN";
    return;
  }
  char digits[32];
  char* const end = std::to_chars(digits, digits + sizeof digits, value).ptr;
  if (decimal != '.') std::replace(digits, end, '.', decimal);
  text.append(digits, end);
}

/// A name in quotes where the reader would otherwise take it apart, trim it or skip it.
std::string quoted_if_needed(const std::string& name, const CsvOptions& options) {
  const auto special = [&](char c) {
    return c == options.delimiter || c == options.comment || c == '"' || c == ' ' ||
           static_cast<unsigned char>(c) < 0x20 || static_cast<unsigned char>(c) >= 0x80;
  };
  if (std::none_of(name.begin(), name.end(), special)) return name;
  std::string result = "\"";
  for (const char c : name) result += c == '"' ? "\"\"" : std::string(1, c);
  return result + '"';
}

}  // namespace

Table parse_csv(std::string_view text, const CsvOptions& options, std::string_view name) {
  check(options);
  Reader reader(text, options, name);
  std::vector<std::string> fields;
  if (!reader.next(fields))
    reader.fail("", options.header ? "names of columns" : "numbers", "no line that has any");
  const auto names = names_from(fields, options, reader);
  const auto wanted = wanted_fields(names, options, reader);
  std::vector<std::vector<double>> columns(wanted.size());
  bool more = !options.header || reader.next(fields);
  while (more) {
    if (fields.size() != names.size())
      // one field only: another delimiter, more often than not, and the header shows which
      reader.fail("",
                  names.size() == 1 ? "1 field, as in the header " + detail::shown(names[0])
                                    : std::to_string(names.size()) + " fields",
                  std::to_string(fields.size()));
    for (std::size_t k = 0; k < wanted.size(); ++k)
      columns[k].push_back(number_in(fields[wanted[k]], wanted[k], names[wanted[k]], options, reader));
    more = reader.next(fields);
  }
  std::vector<std::string> kept;
  for (const std::size_t j : wanted) kept.push_back(names[j]);
  return {std::move(kept), std::move(columns)};
}

Table read_csv(const std::string& path, const CsvOptions& options) {
  check(options);
  return parse_csv(read_file(path), options, path);
}

std::string to_csv(const Table& table, const CsvOptions& options) {
  check(options);
  std::string text;
  const auto line = [&](auto&& append_cell) {
    for (std::size_t j = 0; j < table.cols(); ++j) {
      if (j > 0) text += options.delimiter;
      append_cell(j);
    }
    text += '\n';
  };
  if (options.header) line([&](std::size_t j) { text += quoted_if_needed(table.names()[j], options); });
  for (std::size_t i = 0; i < table.rows(); ++i)
    line([&](std::size_t j) { append_number(text, table.column(j)[i], options.decimal); });
  return text;
}

void write_csv(const std::string& path, const Table& table, const CsvOptions& options) {
  write_file(path, to_csv(table, options));
}

}  // namespace costate
