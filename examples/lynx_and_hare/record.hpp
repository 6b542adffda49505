#pragma once

#include <costate/costate.hpp>

#include <array>
#include <cstddef>
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
  costate::Matrix<double> scaled;  ///< ln(pelts / unit) [species × years]: what the equations are written in

  double log(std::size_t year, std::size_t species) const { return scaled(species, year); }

  /// The logarithms of the first n years in the order of a solution's values.
  costate::Vector<double> logs(std::size_t n) const {
    costate::Vector<double> result(2 * n);
    for (std::size_t i = 0; i < 2 * n; ++i) result[i] = scaled.data()[i];
    return result;
  }
};

/// Reads the columns year, hare and lynx. Throws, naming the file, where it is missing or does not hold the
/// years 1900 to 1920.
inline Record read_record(const std::string& path) {
  // [read]
  const auto table = costate::read_csv(path);
  const auto pelts = costate::time_series(table, "year", {"hare", "lynx"});
  const auto logs = costate::logarithms({unit[0], unit[1]}).apply(pelts);
  // [/read]
  if (pelts.t != costate::linspace(first_year, first_year + all_years - 1, all_years) || pelts.missing() > 0)
    throw std::runtime_error(path + ": want all counts of the years 1900 to 1920");
  return {{pelts.component("hare"), pelts.component("lynx")}, logs.values};
}

}  // namespace lynx_and_hare
