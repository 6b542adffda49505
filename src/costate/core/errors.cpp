#include <costate/core/errors.hpp>

#include <cstdio>
#include <stdexcept>

namespace costate::detail {

std::string to_text(double value) {
  char text[40];
  std::snprintf(text, sizeof text, "%.17g", value);
  double read_back = 0;
  // the shortest of the usual lengths that gives the same number: 0.1, not 0.10000000000000001
  for (const int digits : {6, 9, 15}) {
    char shorter[40];
    std::snprintf(shorter, sizeof shorter, "%.*g", digits, value);
    if (std::sscanf(shorter, "%lf", &read_back) == 1 && read_back == value) return shorter;
  }
  return text;
}

void reject(std::string_view field, std::string_view wanted, std::string_view got) {
  std::string message(field);
  message.append(": want ").append(wanted).append(", got ").append(got);
  throw std::invalid_argument(message);
}

void reject(std::string_view field, std::string_view wanted, double got) {
  reject(field, wanted, to_text(got));
}

void reject_size(std::string_view field, std::size_t wanted, std::size_t got) {
  reject(field, std::to_string(wanted) + " numbers", std::to_string(got));
}

void reject_shape(std::string_view field, std::size_t wanted_rows, std::size_t wanted_cols, std::size_t rows,
                  std::size_t cols) {
  const auto shape = [](std::size_t r, std::size_t c) {
    return std::to_string(r) + " x " + std::to_string(c) + " numbers";
  };
  reject(field, shape(wanted_rows, wanted_cols), shape(rows, cols));
}

}  // namespace costate::detail
