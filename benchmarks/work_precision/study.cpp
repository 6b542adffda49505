#include "study.hpp"

#include <costate/data/file.hpp>
#include <costate/plot/figure.hpp>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdarg>
#include <cstdio>
#include <exception>
#include <filesystem>
#include <limits>
#include <optional>

#include "cpu_clock.hpp"

#ifdef __linux__
#include <sched.h>
#endif

namespace work_precision {
namespace {

constexpr std::array errors{1e-3, 1e-6, 1e-9, 1e-12};
constexpr double infinity = std::numeric_limits<double>::infinity();
constexpr int rounds = 60, fewest_rounds = 7;
constexpr double batch_seconds = 1e-4, point_seconds = 0.03, longest_run = 0.1;

/// An entry at one tolerance and what was measured there.
struct Point {
  const Entry* entry = nullptr;
  double tolerance = 0, error = infinity, seconds = infinity, spent = 0;
  std::size_t rhs_evaluations = 0;
  int inner = 1;
  double for_error = 0;  ///< 0 on the ladder
  Run run{};
};

std::string format(const char* pattern, ...) {
  char text[256];
  va_list arguments;
  va_start(arguments, pattern);
  std::vsnprintf(text, sizeof text, pattern, arguments);
  va_end(arguments);
  return text;
}

double error_of(const std::vector<double>& found, const std::vector<double>& wanted, Quantity quantity) {
  if (found.size() != wanted.size()) return infinity;
  double largest = 0, scale = 0;
  for (std::size_t i = 0; i < wanted.size(); ++i) {
    if (std::isnan(found[i])) return infinity;
    largest = std::fmax(largest, std::abs(found[i] - wanted[i]));
    scale = std::fmax(scale, std::abs(wanted[i]));
  }
  return quantity == Quantity::gradient ? largest / scale : largest;
}

/// A solver that gives up, by status or exception, has an infinite error.
Point measured(const Study& study, const Entry& entry, double tolerance, double for_error = 0) {
  Point point{.entry = &entry, .tolerance = tolerance, .for_error = for_error};
  try {
    point.run = entry.at(tolerance);
    const double start = cpu_seconds();
    point.error = error_of(point.run.result(), study.reference, study.quantity);
    point.rhs_evaluations = point.run.rhs_evaluations();
    if (cpu_seconds() - start > longest_run) point.error = infinity;
  } catch (const std::exception& e) {
    point.error = infinity;
  }
  return point;
}

double batch(const Point& point) {
  const double start = cpu_seconds();
  for (int i = 0; i < point.inner; ++i) point.run.call();
  return cpu_seconds() - start;
}

void time(std::vector<Point>& points) {
  for (Point& point : points) {
    if (point.error == infinity) continue;
    const double once = std::min(batch(point), batch(point));
    point.inner = std::max(1, static_cast<int>(batch_seconds / once));
  }
  for (int round = 0; round < rounds; ++round)
    for (Point& point : points) {
      if (point.error == infinity || (round >= fewest_rounds && point.spent > point_seconds)) continue;
      const double took = batch(point);
      point.spent += took;
      point.seconds = std::min(point.seconds, took / point.inner);
    }
}

/// The loosest tolerance that reaches the error, as `run` says, among the ladder [first, last).
std::optional<Point> reaching(const Study& study, const std::vector<Point>& ladder, std::size_t first,
                              std::size_t last, double error) {
  std::size_t i = first;
  while (i < last && !(ladder[i].error <= error && (i + 1 == last || ladder[i + 1].error <= error))) ++i;
  if (i == last) return {};
  double loose = i > first ? ladder[i - 1].tolerance : ladder[i].tolerance;
  Point best = measured(study, *ladder[i].entry, ladder[i].tolerance, error);
  for (int k = 0; k < 5 && i > first; ++k) {
    const double middle = std::sqrt(loose * best.tolerance);
    Point tried = measured(study, *ladder[i].entry, middle, error);
    if (tried.error <= error)
      best = std::move(tried);
    else
      loose = middle;
  }
  return best;
}

/// Lotka-Volterra is lotka_volterra; what stands behind a comma is left out.
std::string slug_of(const Study& study) {
  std::string slug;
  for (const char c : study.problem) {
    if (c == ',') break;
    if (c == '-' || c == ' ')
      slug += '_';
    else
      slug += static_cast<char>(c | 0x20);
  }
  return slug;
}

void write_csv(const Study& study, const std::vector<Point>& points, const std::string& path) {
  std::string text =
      "problem,quantity,library,method,tolerance,error,microseconds,rhs_evaluations,for_error\n";
  for (const Point& point : points)
    if (point.seconds < infinity)
      text +=
          format("\"%s\",%s,%s,\"%s\",%.6g,%.3e,%.4g,%zu,%s\n", study.problem.c_str(),
                 study.quantity == Quantity::solve ? "solve" : "gradient", point.entry->library.c_str(),
                 point.entry->method.c_str(), point.tolerance, point.error, point.seconds * 1e6,
                 point.rhs_evaluations, point.for_error > 0 ? format("%.0e", point.for_error).c_str() : "");
  costate::write_file(path, text);
}

void draw(const Study& study, const std::vector<Point>& points, const std::string& path) {
  using namespace costate::plot;
  static constexpr std::array colors{blue,
                                     vermillion,
                                     green,
                                     orange,
                                     purple,
                                     sky_blue,
                                     Color{140, 86, 75},
                                     Color{0, 0, 128},
                                     Color{128, 0, 64},
                                     Color{90, 120, 0}};
  static constexpr std::array peer_colors{black,
                                          Color{100, 100, 100},
                                          Color{150, 150, 150},
                                          Color{60, 60, 60},
                                          Color{125, 125, 125},
                                          Color{175, 175, 175}};
  static constexpr std::array markers{Marker::circle,  Marker::square,      Marker::triangle,
                                      Marker::diamond, Marker::open_circle, Marker::cross};
  const bool solve = study.quantity == Quantity::solve;
  Figure figure{.title = study.problem + (solve ? ": solve" : ": value and gradient"),
                .width = 900,
                .height = 1000,
                .columns = 1};
  const char* const error_label =
      solve ? "largest error at the saved points" : "error of the gradient, relative to its largest entry";
  const PanelOptions common{.x_label = error_label,
                            .log_x = true,
                            .log_y = true,
                            .x_range = {1e-14, 1e-1},
                            .legend = Legend::right};
  PanelOptions times = common, counts = common;
  times.y_label = "time of one call [µs]";
  counts.y_label = "evaluations of the right-hand side in the solve";
  Panel &above = figure.panel(times), &below = figure.panel(counts);
  std::size_t own = 0, peers = 0;
  for (const Entry& entry : study.entries) {
    std::vector<double> x, microseconds, evaluations;
    for (const Point& point : points)
      if (point.entry == &entry && point.for_error == 0 && point.seconds < infinity && point.error > 0 &&
          point.error < 0.1) {
        x.push_back(point.error);
        microseconds.push_back(point.seconds * 1e6);
        evaluations.push_back(static_cast<double>(point.rhs_evaluations));
      }
    if (x.empty()) continue;
    const bool is_peer = entry.library != "costate";
    const std::size_t number = is_peer ? peers++ : own++;
    const Color color = is_peer ? peer_colors[number % peer_colors.size()] : colors[number % colors.size()];
    const Marker marker = markers[number % markers.size()];
    const std::string label = entry.library == "Boost.odeint" ? "odeint " + entry.method : entry.method;
    for (const auto& [panel, y] : {std::pair{&above, &microseconds}, std::pair{&below, &evaluations}})
      panel->line(x, *y, {.color = color, .width = is_peer ? 1.2 : 1.8, .dashed = is_peer})
          .points(x, *y, {.label = label, .color = color, .size = 0.8, .marker = marker});
  }
  figure.save(path);
}

void print(const Study& study, const std::vector<std::vector<std::optional<std::size_t>>>& chosen,
           const std::vector<Point>& points) {
  const bool solve = study.quantity == Quantity::solve;
  std::printf(
      "\n### %s, %s\n\nMicroseconds (right-hand sides in the solve) at the loosest tolerance with %s at "
      "most.\n\n"
      "| | 1e-3 | 1e-6 | 1e-9 | 1e-12 |\n|---|---|---|---|---|\n",
      study.problem.c_str(), solve ? "solve" : "value and gradient",
      solve ? "max |error|" : "max |error| / max |gradient|");
  std::array<double, errors.size()> best;
  best.fill(infinity);
  for (const auto& row : chosen)
    for (std::size_t e = 0; e < errors.size(); ++e)
      if (row[e]) best[e] = std::min(best[e], points[*row[e]].seconds);
  for (const bool own : {true, false})
    for (std::size_t k = 0; k < chosen.size(); ++k) {
      const Entry& entry = study.entries[k];
      if ((entry.library == "costate") != own) continue;
      std::printf("| %s %s |", entry.library.c_str(), entry.method.c_str());
      for (std::size_t e = 0; e < errors.size(); ++e) {
        if (!chosen[k][e]) {
          std::printf(" |");
          continue;
        }
        const Point& point = points[*chosen[k][e]];
        const char* const bold = point.seconds == best[e] ? "**" : "";
        std::printf(" %s%.3g%s (%zu) |", bold, point.seconds * 1e6, bold, point.rhs_evaluations);
      }
      std::printf("\n");
    }
  std::fflush(stdout);
}

}  // namespace

void run(const Study& study, const std::string& folder) {
  std::vector<Point> points;
  std::vector<std::vector<std::optional<std::size_t>>> chosen;
  for (const Entry& entry : study.entries) {
    const std::size_t first = points.size();
    for (int k = 4; k <= 30; ++k) points.push_back(measured(study, entry, std::pow(10.0, -0.5 * k)));
    const std::size_t last = points.size();
    auto& row = chosen.emplace_back();
    for (const double error : errors) {
      auto point = reaching(study, points, first, last, error);
      row.push_back(point ? std::optional(points.size()) : std::nullopt);
      if (point) points.push_back(std::move(*point));
    }
  }
  time(points);
  print(study, chosen, points);
  std::filesystem::create_directories(folder);
  const std::string path = folder + "/work_precision_" + slug_of(study) +
                           (study.quantity == Quantity::solve ? "_solve" : "_gradient");
  write_csv(study, points, path + ".csv");
  try {
    draw(study, points, path + ".svg");
  } catch (const std::runtime_error& e) {
    std::printf("\nNo picture: %s\n", e.what());
  }
}

void write_reference(const Study& study, const std::vector<double>& times, const std::vector<double>& saved,
                     const std::vector<double>& gradient, const std::string& folder) {
  std::string text;
  for (const auto* const numbers : {&times, &saved, &gradient}) {
    for (const double x : *numbers) text += format("%.17g,", x);
    text.back() = '\n';
  }
  std::filesystem::create_directories(folder);
  costate::write_file(folder + "/reference_" + slug_of(study) + ".csv", text);
}

std::string start(int argc, char** argv) {
#ifdef __linux__
  cpu_set_t one;
  CPU_ZERO(&one);
  CPU_SET(sched_getcpu(), &one);
  sched_setaffinity(0, sizeof one, &one);
#endif
  return argc > 1 ? argv[1] : "results";
}

}  // namespace work_precision
