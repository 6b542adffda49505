#pragma once

#include <cmath>
#include <cstddef>
#include <deque>
#include <limits>
#include <optional>
#include <string>
#include <type_traits>
#include <vector>

/// Pictures of solutions, data and losses, drawn by gnuplot as SVG or PNG. `costate::plot` needs the program
/// `gnuplot` when a picture is saved, and nothing when it is compiled or described.
namespace costate::plot {

/// A color of the screen, 0 to 255 a channel.
struct Color {
  unsigned char red = 0;
  unsigned char green = 0;
  unsigned char blue = 0;
};

/// Colors that people with any common kind of color blindness tell apart.
/// Source: M. Okabe and K. Ito, Color Universal Design (2008), "Set of colors unambiguous to both colorblinds
/// and non-colorblinds"; the names are theirs.
inline constexpr Color black{0, 0, 0};
inline constexpr Color orange{230, 159, 0};
inline constexpr Color sky_blue{86, 180, 233};
inline constexpr Color green{0, 158, 115};
inline constexpr Color yellow{240, 228, 66};
inline constexpr Color blue{0, 114, 178};
inline constexpr Color vermillion{213, 94, 0};
inline constexpr Color purple{204, 121, 167};
inline constexpr Color gray{110, 110, 110};

enum class Format { svg, png };

/// Where a panel's legend stands. None of the places covers data.
enum class Legend { above, right, none };

enum class Marker { circle, open_circle, square, triangle, diamond, cross };

/// An interval of an axis; an end that is not set is taken from the data.
struct Range {
  double low = std::numeric_limits<double>::quiet_NaN();
  double high = std::numeric_limits<double>::quiet_NaN();
};

/// Texts are shown letter by letter: `_`, `^`, `{}`, quotes and backslashes mean themselves; a line feed
/// starts a line.
struct PanelOptions {
  std::string title = {};
  std::string x_label = {};
  std::string y_label = {};
  bool log_x = false;
  bool log_y = false;
  Range x_range = {};
  Range y_range = {};
  bool equal_axes = false;  ///< one unit is equally long on both axes
  Legend legend = Legend::above;
};

/// A series without a color takes the next one of blue, vermillion, green, orange, purple, sky blue, black;
/// one without a label is not in the legend.
struct LineOptions {
  std::string label = {};
  std::optional<Color> color = {};
  double width = 2;  ///< pixels
  bool dashed = false;
};

struct PointOptions {
  std::string label = {};
  std::optional<Color> color = {};
  double size = 1;  ///< relative to the usual marker
  Marker marker = Marker::circle;
};

struct BandOptions {
  std::string label = {};
  std::optional<Color> color = {};
  double opacity = 0.25;  ///< 0 is invisible, 1 covers what was drawn before
};

struct RuleOptions {
  std::string label = {};
  Color color = gray;
  double width = 1.5;  ///< pixels
  bool dashed = true;
};

namespace detail {

enum class Shape { line, points, band, rule };

struct Series {
  Shape shape = Shape::line;
  std::string label = {};
  std::optional<Color> color = {};
  double width = 0;
  double size = 0;
  double opacity = 1;
  bool dashed = false;
  Marker marker = Marker::circle;
  std::vector<double> x = {};
  std::vector<double> y = {};
  std::vector<double> upper = {};
};

/// Anything that a range-based `for` runs through and whose elements turn into `double`.
template <class R>
concept Numbers = requires(const R& range) {
  static_cast<double>(*range.begin());
  range.end();
}
|| std::is_array_v<R>;

template <Numbers R>
std::vector<double> to_numbers(const R& range) {
  std::vector<double> numbers;
  for (const auto& value : range) numbers.push_back(static_cast<double>(value));
  return numbers;
}

}  // namespace detail

/// One pair of axes and what is drawn on it, later things on top of earlier ones. Made by `Figure::panel`.
///
/// x and y are any ranges of numbers (`std::vector<double>`, `costate::Vector<float>`, `{0, 1, 2}` …) and are
/// copied. A NaN, an infinity or a number beyond 1e300 is a gap: a line stops before it and starts anew after
/// it.
///
/// Fails with `std::invalid_argument` that names the series: sizes differ, no points, not one finite point, a
/// number
/// <= 0 on a logarithmic axis, a width, size or opacity that is not one.
class Panel {
 public:
  explicit Panel(PanelOptions options = {});

  template <detail::Numbers X = std::vector<double>, detail::Numbers Y = std::vector<double>>
  Panel& line(const X& x, const Y& y, const LineOptions& options = {}) {
    return add_line(detail::to_numbers(x), detail::to_numbers(y), options);
  }

  template <detail::Numbers X = std::vector<double>, detail::Numbers Y = std::vector<double>>
  Panel& points(const X& x, const Y& y, const PointOptions& options = {}) {
    return add_points(detail::to_numbers(x), detail::to_numbers(y), options);
  }

  /// Fills what lies between low(x) and high(x).
  template <detail::Numbers X = std::vector<double>, detail::Numbers L = std::vector<double>,
            detail::Numbers H = std::vector<double>>
  Panel& band(const X& x, const L& low, const H& high, const BandOptions& options = {}) {
    return add_band(detail::to_numbers(x), detail::to_numbers(low), detail::to_numbers(high), options);
  }

  /// A rule across the whole panel, which widens the other series' range to show it.
  Panel& vertical_line(double x, const RuleOptions& options = {});
  Panel& horizontal_line(double y, const RuleOptions& options = {});

  const PanelOptions& options() const { return options_; }

 private:
  friend struct Figure;

  Panel& add_line(std::vector<double> x, std::vector<double> y, const LineOptions& options);
  Panel& add_points(std::vector<double> x, std::vector<double> y, const PointOptions& options);
  Panel& add_band(std::vector<double> x, std::vector<double> low, std::vector<double> high,
                  const BandOptions& options);
  Panel& add_rule(std::vector<double> x, std::vector<double> y, const RuleOptions& options);
  Panel& add(detail::Series series);

  PanelOptions options_;
  std::vector<detail::Series> series_;
  std::size_t colors_used_ = 0;
};

/// A picture: panels in a grid, filled row by row.
///
///     plot::Figure figure{.title = "Hudson Bay", .width = 900, .height = 400};
///     auto& panel = figure.panel({.x_label = "year", .y_label = "thousands"});
///     panel.line(t, hare, {.label = "hare"}).points(years, counted, {.label = "counted"});
///     figure.save("pictures/lynx.svg");
struct Figure {
  std::string title = {};
  int width = 800;   ///< pixels
  int height = 450;  ///< pixels
  int columns =
      0;  ///< of the grid of panels; 0 puts up to three panels into one row, and else takes two columns
  double font_size = 13;
  std::deque<Panel> panels = {};  ///< a deque, so that the reference which `panel` gave stays good

  /// Appends a panel. The reference holds for the life of the figure.
  Panel& panel(PanelOptions options = {});

  /// The gnuplot program of the picture. It names no file: gnuplot writes the picture to its standard output.
  /// Fails with `std::invalid_argument` when there is no panel, a panel without a series, or a size that is
  /// no size.
  std::string script(Format format = Format::svg) const;

  /// Draws the picture to `path`, whose ending `.svg` or `.png` chooses the format. Folders that are missing
  /// are made. The file appears whole or not at all; one that was there before stays until then.
  ///
  /// Fails with `std::invalid_argument` as `script` does and for another ending; with `std::runtime_error`
  /// when gnuplot is not installed (which names the package), when gnuplot fails (with its message), when the
  /// file cannot be written (with the path).
  void save(const std::string& path) const;
};

}  // namespace costate::plot
