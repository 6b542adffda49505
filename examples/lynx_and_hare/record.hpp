#pragma once

#include <costate/core/vector.hpp>

#include <array>
#include <cmath>
#include <cstddef>
#include <cstdio>
#include <fstream>
#include <stdexcept>
#include <string>
#include <vector>

namespace lynx_and_hare {

/// Thousands of pelts that one unit of the equations stands for, near the means of the record.
inline constexpr std::array<double, 2> unit{30.0, 20.0};
inline constexpr std::size_t trained_years = 16;  ///< 1900 to 1915
inline constexpr std::size_t forecast_years = 5;  ///< 1916 to 1920
inline constexpr std::size_t all_years = trained_years + forecast_years;
inline constexpr double first_year = 1900;

/// The counts of hare (0) and lynx (1), one a year from 1900.
struct Record {
  std::array<std::vector<double>, 2> pelts;  ///< thousands

  /// ln(pelts / unit): what the equations are written in, and what is compared.
  double log(std::size_t year, std::size_t species) const {
    return std::log(pelts[species][year] / unit[species]);
  }

  /// The logarithms of the first n years in the order of a solution's values.
  costate::Vector<double> logs(std::size_t n) const {
    costate::Vector<double> result(2 * n);
    for (std::size_t i = 0; i < 2 * n; ++i) result[i] = log(i / 2, i % 2);
    return result;
  }
};

/// Reads `year,hare,lynx` lines; lines that do not begin with a number are skipped. Throws std::runtime_error
/// that names the file where it is missing or does not hold the years 1900 to 1920.
inline Record read_record(const std::string& path) {
  std::ifstream file(path);
  if (!file) throw std::runtime_error("cannot read " + path);
  Record record;
  std::string line;
  while (std::getline(file, line)) {
    int year = 0;
    double hare = 0, lynx = 0;
    if (std::sscanf(line.c_str(), "%d,%lf,%lf", &year, &hare, &lynx) != 3) continue;
    const bool expected = year == static_cast<int>(first_year) + static_cast<int>(record.pelts[0].size());
    if (!expected || !(hare > 0) || !(lynx > 0)) throw std::runtime_error(path + ": not understood: " + line);
    record.pelts[0].push_back(hare);
    record.pelts[1].push_back(lynx);
  }
  if (record.pelts[0].size() != all_years) throw std::runtime_error(path + ": want the years 1900 to 1920");
  return record;
}

}  // namespace lynx_and_hare
