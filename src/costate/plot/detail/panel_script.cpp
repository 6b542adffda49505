#include <costate/core/errors.hpp>
#include <costate/plot/detail/gnuplot.hpp>
#include <costate/plot/detail/panel_script.hpp>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <limits>
#include <string_view>
#include <utility>

namespace costate::plot::detail {
namespace {

/// The interval of an axis, grown value by value.
class Extent {
 public:
  void include(double value) {
    low_ = std::min(low_, value);
    high_ = std::max(high_, value);
  }

  /// The interval with a margin, so that no marker is cut, and with the ends that the user chose. An interval
  /// that is shorter than its numbers' resolution is widened, since gnuplot finds no tics on it.
  Range padded(double margin, bool logarithmic, const Range& chosen) const {
    const double low = logarithmic ? std::log10(low_) : low_;
    const double high = logarithmic ? std::log10(high_) : high_;
    const double magnitude = std::max(std::abs(low), std::abs(high));
    double pad = margin * (high - low);
    if (!(high - low > std::max(1e-12 * magnitude, 1e-290))) {
      pad = logarithmic ? 0.3 : magnitude > 1e-280 ? 0.05 * magnitude : 1;
    }
    const auto value = [&](double end) {
      return logarithmic ? std::clamp(std::pow(10, end), 1e-300, 1e301) : end;
    };
    const Range range{std::isnan(chosen.low) ? value(low - pad) : chosen.low,
                      std::isnan(chosen.high) ? value(high + pad) : chosen.high};
    if (range.low < range.high) return range;
    costate::detail::reject("PanelOptions: x_range, y_range", "data inside of a range with an open end",
                            "the interval " + number(range.low) + " to " + number(range.high));
  }

 private:
  double low_ = std::numeric_limits<double>::infinity();
  double high_ = -std::numeric_limits<double>::infinity();
};

struct Ranges {
  Range x;
  Range y;
};

Ranges ranges_of(const PanelOptions& options, const std::vector<Series>& series) {
  Extent x, y;
  for (const Series& one : series) {
    if (one.shape == Shape::rule) {
      for (const double value : one.x) x.include(value);
      for (const double value : one.y) y.include(value);
      continue;
    }
    for (std::size_t i = 0; i < one.x.size(); ++i) {
      if (!is_point(one, i)) continue;
      x.include(one.x[i]);
      y.include(one.y[i]);
      if (!one.upper.empty()) y.include(one.upper[i]);
    }
  }
  return {x.padded(0.02, options.log_x, options.x_range), y.padded(0.05, options.log_y, options.y_range)};
}

bool in_decades(const Range& range, bool logarithmic) {
  return logarithmic && range.high / range.low >= 100;
}

/// As many digits as tell neighboring tics apart.
int tic_digits(const Range& range) {
  const double magnitude = std::max(std::abs(range.low), std::abs(range.high));
  const double digits = std::ceil(std::log10(magnitude / std::abs(range.high - range.low))) + 2;
  return static_cast<int>(std::clamp(digits, 6.0, 15.0));
}

/// The next of 2, 5 and 10 times a power of ten above a fifth of the range.
double tic_step(const Range& range) {
  const double fifth = (range.high - range.low) / 5;
  const double decade = std::pow(10, std::floor(std::log10(fifth)));
  return decade * (fifth / decade > 5 ? 10 : fifth / decade > 2 ? 5 : 2);
}

/// Letters of the widest tic label.
double tic_letters(const Range& range, bool logarithmic) {
  if (in_decades(range, logarithmic)) return 5;
  const double step = tic_step(range);
  int widest = 1;
  for (double tic = std::ceil(range.low / step); tic * step <= range.high; ++tic) {
    widest = std::max(widest, std::snprintf(nullptr, 0, "%.*g", tic_digits(range), tic * step));
  }
  return widest;
}

std::string rgb(Color color) {
  static constexpr char digits[] = "0123456789abcdef";
  std::string text = "rgb \"#";
  for (const unsigned char channel : {color.red, color.green, color.blue}) {
    text += digits[channel / 16];
    text += digits[channel % 16];
  }
  return text + '"';
}

std::string data_block(const std::string& name, const Series& series) {
  std::string text = name + " << EOD\n";
  bool gap = true;
  for (std::size_t i = 0; i < series.x.size(); ++i) {
    if (is_point(series, i)) {
      text += number(series.x[i]) + ' ' + number(series.y[i]);
      if (!series.upper.empty()) text += ' ' + number(series.upper[i]);
      text += '\n';
      gap = false;
    } else if (!std::exchange(gap, true)) {
      // One empty line breaks a line; two would end the data set.
      text += '\n';
    }
  }
  return text + "EOD\n";
}

int point_type(Marker marker) {
  switch (marker) {
    case Marker::circle:
      return 7;
    case Marker::open_circle:
      return 6;
    case Marker::square:
      return 5;
    case Marker::triangle:
      return 9;
    case Marker::diamond:
      return 13;
    case Marker::cross:
      return 2;
  }
  return 7;
}

std::string stroke(const Series& series) {
  const std::string dashes = series.dashed ? " dashtype (8,5)" : " dashtype solid";
  return "linecolor " + rgb(series.color.value_or(black)) + " linewidth " + number(series.width) + dashes;
}

std::string plot_clause(const std::string& name, const Series& series) {
  const std::string title = series.label.empty() ? " notitle" : " title " + quoted(series.label);
  const std::string color = rgb(series.color.value_or(black));
  switch (series.shape) {
    case Shape::line:
      return name + " using 1:2 with lines " + stroke(series) + title;
    case Shape::points:
      return name + " using 1:2 with points pointtype " + std::to_string(point_type(series.marker)) +
             " pointsize " + number(0.6 * series.size) + " linecolor " + color + " linewidth 1.5" + title;
    case Shape::band:
      return name + " using 1:2:3 with filledcurves fillcolor " + color + " fillstyle transparent solid " +
             number(series.opacity) + " noborder" + title;
    case Shape::rule:
      return "NaN with lines " + stroke(series) + title;
  }
  return {};
}

/// A rule is an arrow without a head, since that reaches across the panel whatever its range.
std::string rule_arrow(const Series& rule) {
  const bool vertical = rule.y.empty();
  const std::string at = "first " + number(vertical ? rule.x[0] : rule.y[0]);
  const std::string from = vertical ? at + ", graph 0" : "graph 0, " + at;
  const std::string to = vertical ? at + ", graph 1" : "graph 1, " + at;
  return "set arrow from " + from + " to " + to + " nohead back " + stroke(rule) + "\n";
}

std::size_t letters_of(std::string_view text) {
  return static_cast<std::size_t>(std::count_if(
      text.begin(), text.end(), [](char c) { return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U; }));
}

double lines_of(std::string_view text) {
  return text.empty() ? 0 : 1 + static_cast<double>(std::count(text.begin(), text.end(), '\n'));
}

/// On less than two decades gnuplot would label one or two powers of ten; here are 1, 2 and 5 times those, or
/// all digits, or, where that is still too little, what a linear axis would have.
std::vector<double> logarithmic_tics(const Range& range) {
  std::vector<double> tics;
  for (const std::vector<double>& digits : {std::vector<double>{1, 2, 5}, {1, 2, 3, 4, 5, 6, 7, 8, 9}}) {
    tics.clear();
    for (double decade = std::floor(std::log10(range.low)); decade <= std::log10(range.high); ++decade) {
      for (const double digit : digits) {
        const double tic = digit * std::pow(10, decade);
        if (tic >= range.low && tic <= range.high) tics.push_back(tic);
      }
    }
    if (tics.size() >= 3) return tics;
  }
  tics.clear();
  const double step = tic_step(range);
  for (double k = std::ceil(range.low / step); k * step <= range.high; ++k) tics.push_back(k * step);
  return tics;
}

std::string axis_commands(const std::string& axis, const Range& range, bool logarithmic,
                          const std::string& label) {
  const bool decades = in_decades(range, logarithmic);
  std::string tics = "autofreq";
  if (logarithmic && !decades) {
    tics = "(";
    for (const double tic : logarithmic_tics(range)) tics += (tics.size() > 1 ? ", " : "") + number(tic);
    tics += ")";
  }
  return (logarithmic ? "set logscale " : "unset logscale ") + axis + "\nset " + axis + "range [" +
         number(range.low) + ":" + number(range.high) + "]\nset " + axis + "tics " + tics + "\nset format " +
         axis + " \"" + (decades ? "10^{%T}" : "%." + std::to_string(tic_digits(range)) + "g") + "\"\nset " +
         axis + "label " + quoted(label) + " noenhanced\n";
}

/// gnuplot would put a legend between the title and the panel's edge, so the title is a label above the
/// legend.
std::string title_command(const std::string& title, const Frame& frame) {
  if (title.empty()) return "unset label 1\n";
  return "set label 1 " + quoted(title) +
         " noenhanced center at graph 0.5, graph 1 offset character 0, character " + number(frame.top - 0.9) +
         "\n";
}

/// `vertical maxrows`, since gnuplot would wrap a horizontal legend by a rule of its own.
std::string legend_command(Legend legend, std::size_t rows) {
  if (legend == Legend::none) return "set rmargin 2\nunset key\n";
  const bool right = legend == Legend::right;
  const std::string above = "at graph 0.5, graph 1.015 center bottom vertical maxrows " +
                            std::to_string(std::max<std::size_t>(rows, 1));
  return std::string("set rmargin ") + (right ? "-1" : "2") + "\nset key " +
         (right ? "rmargin top vertical maxrows auto" : above) +
         " Left reverse noenhanced samplen 2 spacing 1.15\n";
}

}  // namespace

bool is_point(const Series& series, std::size_t i) {
  const auto drawable = [](double value) { return std::abs(value) <= most; };
  return drawable(series.x[i]) && drawable(series.y[i]) &&
         (series.upper.empty() || drawable(series.upper[i]));
}

Frame frame_of(const PanelOptions& options, const std::vector<Series>& series, double letters) {
  std::size_t entries = 0;
  std::size_t widest = 0;
  for (const Series& one : series) {
    entries += !one.label.empty();
    widest = std::max(widest, letters_of(one.label));
  }
  Frame frame;
  if (entries > 0 && options.legend == Legend::above) {
    const double fitting = std::floor((letters - 5) / static_cast<double>(widest + 5));
    const double columns = std::clamp(fitting, 1.0, static_cast<double>(entries));
    frame.legend_rows = static_cast<std::size_t>(std::ceil(static_cast<double>(entries) / columns));
  }
  frame.top = 0.9 + lines_of(options.title) + 1.15 * static_cast<double>(frame.legend_rows);
  frame.bottom = 1.8 + lines_of(options.x_label);
  frame.left = 3 + tic_letters(ranges_of(options, series).y, options.log_y) + 2.5 * lines_of(options.y_label);
  return frame;
}

std::string panel_script(const PanelOptions& options, const std::vector<Series>& series, const Frame& frame,
                         std::size_t id) {
  const Ranges ranges = ranges_of(options, series);
  std::string text = "unset arrow\n" + title_command(options.title, frame);
  text += axis_commands("x", ranges.x, options.log_x, options.x_label);
  text += axis_commands("y", ranges.y, options.log_y, options.y_label);
  text += options.equal_axes ? "set size ratio -1\n" : "set size noratio\n";
  text += "set tmargin " + number(frame.top) + "\nset bmargin " + number(frame.bottom) + "\nset lmargin " +
          number(frame.left > 0 ? frame.left : -1) + "\n";
  text += legend_command(options.legend, frame.legend_rows);

  std::string clauses;
  for (std::size_t i = 0; i < series.size(); ++i) {
    const bool rule = series[i].shape == Shape::rule;
    const std::string name = "$panel" + std::to_string(id) + "_" + std::to_string(i);
    text += rule ? rule_arrow(series[i]) : data_block(name, series[i]);
    if (rule && series[i].label.empty()) continue;
    clauses += (clauses.empty() ? "" : ", \\\n     ") + plot_clause(name, series[i]);
  }
  return text + "plot " + clauses + "\n";
}

}  // namespace costate::plot::detail
