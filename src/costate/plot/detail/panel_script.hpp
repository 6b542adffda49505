#pragma once

#include <costate/plot/figure.hpp>

#include <cstddef>
#include <string>
#include <vector>

namespace costate::plot::detail {

/// What stands around a panel's axes: upper and lower margin in lines, left margin in letters; and into how
/// many rows a legend above the axes wraps. Panels of one row share the first two, panels of one column the
/// third, so that axes are flush.
struct Frame {
  double top = 0;
  double bottom = 0;
  double left = 0;
  std::size_t legend_rows = 0;
};

/// The frame that a panel `letters` letters wide needs by itself.
Frame frame_of(const PanelOptions& options, const std::vector<Series>& series, double letters);

/// The gnuplot commands of a panel; `id` tells its data apart from other panels'. A frame whose `left` is 0
/// leaves the left margin to gnuplot. Wants at least one series that is not a rule.
std::string panel_script(const PanelOptions& options, const std::vector<Series>& series, const Frame& frame,
                         std::size_t id);

/// gnuplot loses its axis where the difference of two numbers overflows.
inline constexpr double most = 1e300;

/// Whether point i has coordinates of at most `most`; the others are gaps.
bool is_point(const Series& series, std::size_t i);

}  // namespace costate::plot::detail
