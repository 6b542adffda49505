#pragma once

#include <string>
#include <string_view>

namespace costate::plot::detail {

/// `text` as a gnuplot string constant that stands for exactly these letters, whatever they are: nothing in
/// it ends the string, starts a command substitution or is a macro. Control characters other than line feed
/// become blanks, bytes that are not UTF-8 become U+FFFD.
std::string quoted(std::string_view text);

/// The shortest decimal number that reads back as `value`, whatever the locale.
std::string number(double value);

/// Runs gnuplot on `script` and puts what it writes to `path`, which appears whole (it ends with `ending`) or
/// not at all. Fails with `std::runtime_error` as told at `Figure::save`.
void run_gnuplot(const std::string& script, const std::string& path, std::string_view ending);

}  // namespace costate::plot::detail
