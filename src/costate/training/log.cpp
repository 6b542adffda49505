#include <costate/core/errors.hpp>
#include <costate/data/file.hpp>
#include <costate/training/log.hpp>

#include <cerrno>
#include <charconv>
#include <cmath>
#include <cstring>
#include <fcntl.h>
#include <filesystem>
#include <limits>
#include <stdexcept>
#include <string_view>
#include <unistd.h>
#include <utility>

namespace costate {
namespace {

template <class N>
void append_number(std::string& text, N value) {
  char digits[64];
  const auto end = std::to_chars(digits, digits + sizeof digits, value).ptr;
  text.append(digits, end);
}

constexpr double nothing = std::numeric_limits<double>::quiet_NaN();

/// The columns after iteration and epoch: calls column(name, value).
template <class Column>
void each_column(const TrainProgress& at, Column column) {
  column("loss", at.loss);
  column("gradient_norm", at.gradient_norm);
  column("learning_rate", at.learning_rate);
  column("validation", at.validation.value_or(nothing));
  column("seconds", at.seconds);
}

void append_csv_row(std::string& text, const TrainProgress& at) {
  append_number(text, at.iteration);
  text += ',';
  append_number(text, at.epoch);
  each_column(at, [&](const char*, double value) {
    text += ',';
    if (!std::isnan(value)) append_number(text, value);
  });
  text += '\n';
}

void append_json_row(std::string& text, const TrainProgress& at) {
  text += "{\"iteration\":";
  append_number(text, at.iteration);
  text += ",\"epoch\":";
  append_number(text, at.epoch);
  each_column(at, [&](const char* name, double value) {
    text.append(",\"").append(name).append("\":");
    if (std::isfinite(value))
      append_number(text, value);
    else
      text += "null";
  });
  text += "}\n";
}

constexpr detail::LogForm csv{"iteration,epoch,loss,gradient_norm,learning_rate,validation,seconds\n", "",
                              append_csv_row};
constexpr detail::LogForm json_lines{"", "{\"iteration\":", append_json_row};

/// The whole rows of an earlier log before `iteration`, with its first line.
std::string rows_before(const std::string& path, const detail::LogForm& form, std::size_t iteration) {
  std::string kept = form.first_line;
  std::error_code error;
  if (!std::filesystem::is_regular_file(path, error)) return kept;
  const std::string bytes = read_file(path);
  std::string_view rest = bytes;
  if (rest.empty()) return kept;
  const std::string_view first_line = form.first_line, begin = form.row_begin;
  const auto foreign = [&] {
    throw std::runtime_error("costate: '" + path + "' is no log of a run, so it is not replaced by one");
  };
  if (rest.substr(0, first_line.size()) != first_line) foreign();
  rest.remove_prefix(first_line.size());
  for (std::size_t end = rest.find('\n'); end != std::string_view::npos; end = rest.find('\n')) {
    const std::string_view row = rest.substr(0, end + 1);
    rest.remove_prefix(row.size());
    std::size_t number = 0;
    const char* const digits = row.data() + std::min(begin.size(), row.size());
    const bool is_row = row.substr(0, begin.size()) == begin &&
                        std::from_chars(digits, row.data() + row.size(), number).ec == std::errc{};
    if (!is_row) foreign();
    if (number < iteration) kept += row;
  }
  return kept;
}

/// Empty where all went well.
std::string append_to(const std::string& path, std::string_view text) {
  const int descriptor = ::open(path.c_str(), O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0666);
  bool written = descriptor >= 0;
  while (written && !text.empty()) {
    const ssize_t count = ::write(descriptor, text.data(), text.size());
    if (count >= 0) text.remove_prefix(static_cast<std::size_t>(count));
    written = count >= 0 || errno == EINTR;
  }
  const int reason = errno;
  const bool closed = descriptor < 0 || ::close(descriptor) == 0;
  if (written && closed) return {};
  return "costate: cannot write '" + path + "': " + std::strerror(written ? errno : reason);
}

}  // namespace

TrainLog::TrainLog(std::string path, const detail::LogForm& form, const LogOptions& options)
    : path_(std::move(path)), form_(&form), every_(options.every) {
  if (every_ == 0) detail::reject("LogOptions.every", "a number >= 1", 0.0);
}

bool TrainLog::operator()(TrainProgress& at) const {
  const bool due = at.iteration % every_ == 0;
  std::string text;
  if (at.first) {
    text = rows_before(path_, *form_, at.iteration);
    if (due) form_->append_row(text, at);
    write_file(path_, text);
  } else if (due) {
    form_->append_row(text, at);
    if (std::string failure = append_to(path_, text); !failure.empty()) at.failure = std::move(failure);
  }
  return false;
}

TrainLog log_csv(std::string path, const LogOptions& options) {
  return {std::move(path), csv, options};
}

TrainLog log_json_lines(std::string path, const LogOptions& options) {
  return {std::move(path), json_lines, options};
}

}  // namespace costate
