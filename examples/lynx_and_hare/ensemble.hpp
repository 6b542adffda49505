#pragma once

#include <costate/costate.hpp>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "fitting.hpp"

namespace lynx_and_hare {

/// Root mean square difference of logarithms on years [begin, end): hare, lynx, both. About the relative
/// error.
using Errors = std::array<double, 3>;

inline Errors errors_of(const Record& record, const costate::Solution<double, 2>& solution, std::size_t begin,
                        std::size_t end) {
  std::array<double, 2> squares{};
  for (std::size_t i = begin; i < end; ++i) {
    for (std::size_t j = 0; j < 2; ++j) squares[j] += std::pow(solution[i][j] - record.log(i, j), 2);
  }
  const auto count = static_cast<double>(end - begin);
  return {std::sqrt(squares[0] / count), std::sqrt(squares[1] / count),
          std::sqrt((squares[0] + squares[1]) / (2 * count))};
}

/// Weights −ln(uniform), of mean 1: each fit believes some years more and others less, at random. The spread
/// of the fits is the Bayesian bootstrap of D. B. Rubin, Ann. Statist. 9 (1981) 130.
inline std::vector<double> random_emphasis(std::uint64_t seed) {
  std::vector<double> emphasis(2 * trained_years);
  double total = 0;
  for (std::size_t i = 0; i < emphasis.size(); ++i) {
    emphasis[i] = -std::log(costate::uniform(seed, 0, i));
    total += emphasis[i];
  }
  for (auto& value : emphasis) value *= static_cast<double>(emphasis.size()) / total;
  return emphasis;
}

/// Between which values 90 % of the members lie, at each place.
struct Band {
  std::vector<double> low, high;
};

/// members[m][i] → the band at i.
inline Band band_of(const std::vector<std::vector<double>>& members) {
  Band band;
  for (std::size_t i = 0; i < members.front().size(); ++i) {
    std::vector<double> values;
    for (const auto& member : members) values.push_back(member[i]);
    std::sort(values.begin(), values.end());
    const auto cut = static_cast<std::size_t>(0.05 * static_cast<double>(values.size()));
    band.low.push_back(values[cut]);
    band.high.push_back(values[values.size() - 1 - cut]);
  }
  return band;
}

/// Thousands of pelts of one species at each saved time.
inline std::vector<double> pelts_of(const costate::Solution<double, 2>& solution, std::size_t species) {
  std::vector<double> result;
  for (std::size_t i = 0; i < solution.size(); ++i)
    result.push_back(unit[species] * std::exp(solution[i][species]));
  return result;
}

}  // namespace lynx_and_hare
