#pragma once

#include <costate/solve/solve.hpp>

#include <cmath>
#include <contracts/erased_problem.hpp>
#include <cstddef>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <gtest/gtest.h>
#include <iterator>
#include <model_problems/all.hpp>
#include <string>
#include <vector>

namespace costate::achieved_error {

/// What a solve to a tolerance achieved: max |uᵢ − wantedᵢ| / (1 + |wantedᵢ|) at the end of the span over
/// that tolerance, absolute and relative alike, and what it cost.
struct Entry {
  double error_over_tolerance = 0;
  std::size_t steps = 0, evaluations = 0;
};

/// A column of the table. `growth`: what an error made on the way becomes by the end; ‖∂u(t₁)/∂u₀‖ by central
/// differences of Vern9 at 1e-13, and for Lorenz' equation, whose first steps forget, from its middle on.
/// `limit` and the floor of 1e-4 are what no entry may pass without a word on the page.
struct Column {
  const char* title;
  double coarsest_tolerance, growth, limit;
};
inline constexpr Column columns[] = {
    {"Lotka–Volterra", 1e-3, 3, 30}, {"Brusselator", 1e-3, 1, 30},      {"FitzHugh–Nagumo", 1e-3, 2, 30},
    {"Lorenz", 1e-3, 100, 1000},     {"outer planets", 1e-3, 100, 100}, {"Kepler, e = 0.6", 1e-3, 1000, 1000},
    {"Pleiades", 1e-4, 1000, 5000},  {"Arenstorf", 1e-3, 3e6, 1e5},
};
using Problems =
    std::tuple<model_problems::LotkaVolterra, model_problems::Brusselator, model_problems::FitzHughNagumo,
               model_problems::Lorenz, model_problems::OuterPlanets, model_problems::Kepler,
               model_problems::Pleiades, model_problems::Arenstorf>;
inline constexpr double tolerances[] = {1e-3, 1e-4, 1e-5, 1e-6, 1e-8, 1e-10, 1e-12};

/// A method of order p is asked for no more than 2p + 1 digits: beyond, it would take 1e4 steps and more.
inline bool makes_sense(double tolerance, int order) {
  return tolerance > 0.5 * std::pow(10.0, -2 * order - 1);
}

template <class Method, model_problems::ModelProblem M>
Entry measure(double tolerance) {
  std::size_t calls = 0;
  const auto solution =
      solve(erased<M>(&calls), Method{}, {.abstol = tolerance, .reltol = tolerance, .save_everystep = false});
  EXPECT_TRUE(solution.successful()) << Method::name;
  double error = 0;
  for (std::size_t i = 0; i < M::end.size(); ++i)
    error = std::fmax(error, std::abs(solution.back()[i] - M::end[i]) / (1 + std::abs(M::end[i])));
  return {error / tolerance, solution.statistics().steps, calls};
}

inline std::string title_row(const std::string& method) {
  std::string text = "### " + method + "\n\n| tolerance |", rule = "|---|";
  for (const Column& column : columns) text += std::string(" ") + column.title + " |", rule += "---|";
  return text + "\n" + rule + "\n";
}
inline std::string cell(const Entry& entry) {
  char text[64];
  std::snprintf(text, sizeof text, " %.2g (%zu, %zu) |", entry.error_over_tolerance, entry.steps,
                entry.evaluations);
  return text;
}

inline const char* const page = "docs/methods/achieved_error.md";
inline std::string text_of_page() {
  std::ifstream file(page);
  EXPECT_TRUE(file) << page << " cannot be read";
  return {std::istreambuf_iterator<char>(file), {}};
}

/// The entries of a method on the page by tolerance and column; a row that is missing leaves them empty.
inline std::vector<Entry> entries_on_page(const std::string& text, const std::string& row_start) {
  std::vector<Entry> entries;
  std::size_t at = text.find(row_start);
  if (at == std::string::npos) return entries;
  const std::string row = text.substr(at + row_start.size(), text.find('\n', at) - at - row_start.size());
  for (at = 0; at < row.size(); at = row.find('|', at) + 1) {
    Entry entry;
    if (std::sscanf(row.c_str() + at, " %lf (%zu, %zu)", &entry.error_over_tolerance, &entry.steps,
                    &entry.evaluations) != 3)
      entry = {};
    entries.push_back(entry);
    if (row.find('|', at) == std::string::npos) break;
  }
  return entries;
}

inline bool alike(double a, double b, double rounding) {
  return (a <= 1.5 * b && b <= 1.5 * a) || std::abs(a - b) <= rounding;
}
/// Entries are alike within a factor of 1.5, or within what compilers make of the rounding in every step and
/// in sums with the largest weight.
inline void compare(const Entry& now, const Entry& on_page, const Column& column, double tolerance,
                    double largest_weight) {
  const double rounding =
      1e-16 * column.growth * (static_cast<double>(now.steps) + 10 * largest_weight) / tolerance;
  EXPECT_TRUE(alike(now.error_over_tolerance, on_page.error_over_tolerance, rounding))
      << "error over tolerance " << now.error_over_tolerance << ", on the page "
      << on_page.error_over_tolerance;
  EXPECT_TRUE(alike(static_cast<double>(now.steps), static_cast<double>(on_page.steps), 0))
      << now.steps << " steps, on the page " << on_page.steps;
  EXPECT_TRUE(alike(static_cast<double>(now.evaluations), static_cast<double>(on_page.evaluations), 0))
      << now.evaluations << " evaluations, on the page " << on_page.evaluations;
}

/// Measures a method, compares with the page and returns its table.
template <class Method>
std::string table_of(const std::string& text) {
  const std::string name(Method::name);
  const std::size_t section = text.find("### " + name + "\n");
  EXPECT_NE(section, std::string::npos) << page << " has no table of " << name;
  const std::string own =
      section == std::string::npos ? "" : text.substr(section, text.find("\n#", section + 1) - section);
  std::string table = title_row(name);
  double largest_weight = 1;
  for (const double b : Method::tableau.b) largest_weight = std::fmax(largest_weight, std::abs(b));
  for (const double tolerance : tolerances) {
    if (!makes_sense(tolerance, Method::tableau.order)) continue;
    char row_start[32];
    std::snprintf(row_start, sizeof row_start, "| %.0e |", tolerance);
    table += row_start;
    const auto on_page = entries_on_page(own, row_start);
    std::size_t next = 0;
    const auto add = [&]<class M>(const M&) {
      const Column& column = columns[next++];
      SCOPED_TRACE(testing::Message() << name << ", " << column.title << ", " << tolerance);
      if (tolerance > column.coarsest_tolerance * 1.01) {
        table += " |";
        return;
      }
      const Entry now = measure<Method, M>(tolerance);
      EXPECT_GT(now.error_over_tolerance, 1e-4) << "better than it can know";
      EXPECT_LT(now.error_over_tolerance, column.limit);
      table += cell(now);
      if (next <= on_page.size()) {
        compare(now, on_page[next - 1], column, tolerance, largest_weight);
      } else {
        ADD_FAILURE() << "is not on the page";
      }
    };
    std::apply([&](const auto&... problem) { (add(problem), ...); }, Problems{});
    table += "\n";
  }
  return table + "\n";
}

/// Compares methods with the part of the page between two markers. With COSTATE_WRITE_PAGES set, writes that
/// part anew (and fails, so that nobody takes the run for a test).
template <class... Methods>
void check_page(const std::string& part) {
  const std::string text = text_of_page();
  std::string tables;
  ((tables += table_of<Methods>(text)), ...);
  if (std::getenv("COSTATE_WRITE_PAGES") == nullptr) return;
  const std::string start = "<!-- " + part + " -->\n", stop = "<!-- end of " + part + " -->";
  const std::size_t from = text.find(start), to = text.find(stop);
  ASSERT_TRUE(from != std::string::npos && to != std::string::npos) << page << " lacks " << start << stop;
  std::ofstream(page) << text.substr(0, from) << start << "\n" << tables << text.substr(to);
}

}  // namespace costate::achieved_error
