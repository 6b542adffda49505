#include <costate/core/errors.hpp>
#include <costate/plot/detail/gnuplot.hpp>
#include <costate/plot/detail/panel_script.hpp>
#include <costate/plot/figure.hpp>

#include <algorithm>
#include <array>
#include <cctype>
#include <string_view>
#include <utility>

namespace costate::plot {
namespace {

using costate::detail::reject;
using detail::is_point;
using detail::number;
using detail::quoted;
using detail::Series;
using detail::Shape;

constexpr std::array cycle{blue, vermillion, green, orange, purple, sky_blue, black};

std::string name_of(const Series& series) {
  static constexpr std::array<const char*, 4> names{"line", "points", "band", "rule"};
  std::string name = std::string("Panel: ") + names[static_cast<std::size_t>(series.shape)];
  if (!series.label.empty()) name += " '" + series.label + "'";
  return name;
}

void want_positive(double value, const char* field) {
  if (!(value > 0 && std::isfinite(value))) reject(field, "a finite number > 0", value);
}

void want_size(const Series& series, const char* what, std::size_t wanted, std::size_t got) {
  if (wanted == got) return;
  reject(name_of(series), std::string("as many ") + what + " as x, " + std::to_string(wanted),
         std::to_string(got));
}

void want_logarithms(const Series& series, const std::vector<double>& values, const std::string& axis) {
  for (std::size_t i = 0; i < values.size(); ++i) {
    if (values[i] > 0 || !std::isfinite(values[i])) continue;
    reject(name_of(series), "numbers > 0 on the logarithmic " + axis + " axis",
           number(values[i]) + " at index " + std::to_string(i));
  }
}

void check_range(const Range& range, bool logarithmic, const char* field) {
  const bool ordered = !(range.low >= range.high) && !std::isinf(range.low) && !std::isinf(range.high);
  const bool drawable = !logarithmic || (!(range.low <= 0) && !(range.high <= 0));
  if (ordered && drawable) return;
  reject(field, std::string("finite low < high") + (logarithmic ? ", both > 0" : ""),
         number(range.low) + " and " + number(range.high));
}

/// What all panels share: a light grid behind the data, axes at the left and below only.
constexpr std::string_view style = R"(set encoding utf8
set clip two
set border 3 linecolor rgb "#606060" linewidth 1
set tics nomirror out scale 0.6
set xtics offset 0, 0.25
set xlabel offset 0, 0.5
set tics textcolor rgb "#303030"
set grid back linetype 1 linewidth 1 linecolor rgb "#e4e4e4"
)";

/// gnuplot's SVG measures fonts in pixels, its PNG in points of 1/72 inch at 96 pixels an inch.
double font_units(double pixels, Format format) {
  return format == Format::svg ? pixels : 0.75 * pixels;
}

/// `sans-serif` lets each viewer take its own readable font: DejaVu Sans, Helvetica, Arial.
std::string terminal(const Figure& figure, Format format) {
  const std::string size = " enhanced size " + std::to_string(figure.width) + "," +
                           std::to_string(figure.height) + " background rgb \"#ffffff\"";
  const std::string font = " font \"sans-serif," + number(font_units(figure.font_size, format)) + "\"";
  if (format == Format::svg) return "set terminal svg" + size + font + "\n";
  return "if (strstrt(GPVAL_TERMINALS, \"pngcairo\")) {\n  set terminal pngcairo" + size + font +
         " pointscale 1.3 dashlength 1.4\n} else {\n  set terminal png truecolor" + size + "\n}\n";
}

}  // namespace

Panel::Panel(PanelOptions options) : options_(std::move(options)) {
  check_range(options_.x_range, options_.log_x, "PanelOptions: x_range");
  check_range(options_.y_range, options_.log_y, "PanelOptions: y_range");
}

Panel& Panel::add(Series series) {
  if (series.x.empty()) reject(name_of(series), "at least one point", "none");
  want_size(series, series.shape == Shape::band ? "low" : "y", series.x.size(), series.y.size());
  if (series.shape == Shape::band) want_size(series, "high", series.x.size(), series.upper.size());
  std::size_t points = 0;
  for (std::size_t i = 0; i < series.x.size(); ++i) points += is_point(series, i);
  if (points == 0)
    reject(name_of(series), "at least one finite point", "only NaN, infinities or beyond 1e300");
  if (options_.log_x) want_logarithms(series, series.x, "x");
  if (options_.log_y) {
    want_logarithms(series, series.y, "y");
    want_logarithms(series, series.upper, "y");
  }
  if (!series.color) series.color = cycle[colors_used_++ % cycle.size()];
  series_.push_back(std::move(series));
  return *this;
}

Panel& Panel::add_line(std::vector<double> x, std::vector<double> y, const LineOptions& options) {
  want_positive(options.width, "LineOptions: width");
  return add({.shape = Shape::line,
              .label = options.label,
              .color = options.color,
              .width = options.width,
              .dashed = options.dashed,
              .x = std::move(x),
              .y = std::move(y)});
}

Panel& Panel::add_points(std::vector<double> x, std::vector<double> y, const PointOptions& options) {
  want_positive(options.size, "PointOptions: size");
  return add({.shape = Shape::points,
              .label = options.label,
              .color = options.color,
              .size = options.size,
              .marker = options.marker,
              .x = std::move(x),
              .y = std::move(y)});
}

Panel& Panel::add_band(std::vector<double> x, std::vector<double> low, std::vector<double> high,
                       const BandOptions& options) {
  if (!(options.opacity >= 0 && options.opacity <= 1)) {
    reject("BandOptions: opacity", "a number in [0, 1]", options.opacity);
  }
  return add({.shape = Shape::band,
              .label = options.label,
              .color = options.color,
              .opacity = options.opacity,
              .x = std::move(x),
              .y = std::move(low),
              .upper = std::move(high)});
}

Panel& Panel::vertical_line(double x, const RuleOptions& options) {
  return add_rule({x}, {}, options);
}

Panel& Panel::horizontal_line(double y, const RuleOptions& options) {
  return add_rule({}, {y}, options);
}

Panel& Panel::add_rule(std::vector<double> x, std::vector<double> y, const RuleOptions& options) {
  want_positive(options.width, "RuleOptions: width");
  Series rule{.shape = Shape::rule,
              .label = options.label,
              .color = options.color,
              .width = options.width,
              .dashed = options.dashed,
              .x = std::move(x),
              .y = std::move(y)};
  const double place = rule.x.empty() ? rule.y[0] : rule.x[0];
  if (!(std::abs(place) <= detail::most)) reject(name_of(rule), "a finite place, below 1e300", place);
  if (options_.log_x) want_logarithms(rule, rule.x, "x");
  if (options_.log_y) want_logarithms(rule, rule.y, "y");
  series_.push_back(std::move(rule));
  return *this;
}

Panel& Figure::panel(PanelOptions options) {
  return panels.emplace_back(std::move(options));
}

std::string Figure::script(Format format) const {
  const auto is_data = [](const Series& series) { return series.shape != Shape::rule; };
  for (const auto& [field, pixels] :
       {std::pair{"Figure: width", width}, std::pair{"Figure: height", height}}) {
    if (pixels < 50 || pixels > 20000) reject(field, "50 to 20000 pixels", pixels);
  }
  if (columns < 0) reject("Figure: columns", "a number >= 0", columns);
  want_positive(font_size, "Figure: font_size");
  if (panels.empty()) reject("Figure: panels", "at least one", "none");
  for (std::size_t i = 0; i < panels.size(); ++i) {
    const auto& series = panels[i].series_;
    if (std::any_of(series.begin(), series.end(), is_data)) continue;
    reject("Figure: panel " + std::to_string(i) + " '" + panels[i].options_.title + "'",
           "a line, points or a band", series.empty() ? "nothing to draw" : "only rules");
  }

  const std::size_t wanted = columns > 0 ? static_cast<std::size_t>(columns) : panels.size() <= 3 ? 3 : 2;
  const std::size_t across = std::min(wanted, panels.size());
  const std::size_t down = (panels.size() + across - 1) / across;
  std::string text = terminal(*this, format);
  text += style;
  text += "set multiplot layout " + std::to_string(down) + "," + std::to_string(across);
  if (!title.empty())
    text += " title " + quoted(title) + " font \"," + number(font_units(1.15 * font_size, format)) +
            "\" noenhanced";
  text += '\n';

  const double letters = width / static_cast<double>(across) / (0.7 * font_size);  // as gnuplot's SVG counts
  std::vector<detail::Frame> frames;
  for (const Panel& one : panels) frames.push_back(detail::frame_of(one.options_, one.series_, letters));
  for (std::size_t i = 0; i < panels.size(); ++i) {
    detail::Frame frame = frames[i];
    if (down == 1) frame.left = 0;
    for (std::size_t j = 0; j < panels.size(); ++j) {
      if (i / across == j / across) {
        frame.top = std::max(frame.top, frames[j].top);
        frame.bottom = std::max(frame.bottom, frames[j].bottom);
      }
      if (down > 1 && i % across == j % across) frame.left = std::max(frame.left, frames[j].left);
    }
    text += detail::panel_script(panels[i].options_, panels[i].series_, frame, i);
  }
  return text + "unset multiplot\n";
}

void Figure::save(const std::string& path) const {
  std::string ending = path.substr(std::min(path.rfind('.'), path.size()));
  std::transform(ending.begin(), ending.end(), ending.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  if (ending == ".svg") return detail::run_gnuplot(script(Format::svg), path, "</svg>");
  if (ending == ".png") return detail::run_gnuplot(script(Format::png), path, "IEND");
  reject("Figure: save", "a path that ends in .svg or .png", "'" + path + "'");
}

}  // namespace costate::plot
