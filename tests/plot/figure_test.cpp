#include <costate/core/vector.hpp>
#include <costate/plot/figure.hpp>

#include <array>
#include <cstdio>
#include <gtest/gtest.h>
#include <limits>
#include <list>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

namespace plot = costate::plot;

namespace {

constexpr double missing = std::numeric_limits<double>::quiet_NaN();
constexpr double infinite = std::numeric_limits<double>::infinity();

bool contains(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

std::size_t count(const std::string& text, const std::string& part) {
  std::size_t found = 0;
  for (std::size_t at = text.find(part); at != std::string::npos; at = text.find(part, at + 1)) ++found;
  return found;
}

/// What `action` throws, as text; empty when it throws nothing.
template <class Exception, class Action>
std::string message_of(const Action& action) {
  try {
    action();
  } catch (const Exception& error) {
    return error.what();
  }
  return {};
}

plot::Figure small_figure() {
  plot::Figure figure{.title = "small", .width = 400, .height = 300};
  figure.panel({.title = "panel"}).line({0, 1, 2}, {1, 3, 2}, {.label = "curve"});
  return figure;
}

}  // namespace

TEST(Figure, WritesSeriesAsDataOfTheScript) {
  plot::Figure figure{.title = "Hudson Bay", .width = 900, .height = 400};
  figure.panel({.title = "Training", .x_label = "year", .y_label = "thousands"})
      .line({0, 1}, {0.1, 2.5}, {.label = "hare", .color = plot::blue, .width = 3, .dashed = true})
      .points({0, 1}, {4, 5}, {.label = "counted", .color = plot::orange})
      .band({0, 1}, {1, 2}, {3, 4}, {.color = plot::green, .opacity = 0.5})
      .vertical_line(0.5, {.label = "forecast begins"});
  const std::string script = figure.script();
  EXPECT_TRUE(contains(script, "set terminal svg enhanced size 900,400"));
  EXPECT_TRUE(contains(script, "title \"Hudson Bay\""));
  EXPECT_TRUE(contains(script, "set label 1 \"Training\" noenhanced"));
  EXPECT_TRUE(contains(script, "set xlabel \"year\" noenhanced"));
  EXPECT_TRUE(contains(script, "set ylabel \"thousands\" noenhanced"));
  EXPECT_TRUE(contains(script, "$panel0_0 << EOD\n0 0.1\n1 2.5\nEOD\n"));
  EXPECT_TRUE(contains(script,
                       "$panel0_0 using 1:2 with lines linecolor rgb \"#0072b2\" linewidth 3 dashtype (8,5) "
                       "title \"hare\""));
  EXPECT_TRUE(contains(script, "$panel0_1 using 1:2 with points"));
  EXPECT_TRUE(contains(script, "linecolor rgb \"#e69f00\""));
  EXPECT_TRUE(contains(script, "$panel0_2 << EOD\n0 1 3\n1 2 4\nEOD\n"));
  EXPECT_TRUE(contains(script, "fillcolor rgb \"#009e73\" fillstyle transparent solid 0.5 noborder notitle"));
  EXPECT_TRUE(contains(script, "set arrow from first 0.5, graph 0 to first 0.5, graph 1 nohead"));
  EXPECT_TRUE(contains(script, "NaN with lines linecolor rgb \"#6e6e6e\""));
  EXPECT_TRUE(contains(script, "title \"forecast begins\""));
}

TEST(Figure, ChoosesTheTerminalByFormat) {
  const std::string script = small_figure().script(plot::Format::png);
  EXPECT_TRUE(contains(script, "set terminal pngcairo"));
  EXPECT_TRUE(contains(script, "set terminal png truecolor"));
  EXPECT_FALSE(contains(script, "svg"));
}

TEST(Figure, GivesNextColorsToSeriesWithoutOne) {
  plot::Figure figure;
  figure.panel().line({0, 1}, {0, 1}).line({0, 1}, {1, 2}).points({0, 1}, {1, 2});
  const std::string script = figure.script();
  EXPECT_LT(script.find("#0072b2"), script.find("#d55e00"));
  EXPECT_LT(script.find("#d55e00"), script.find("#009e73"));
  EXPECT_NE(script.find("#009e73"), std::string::npos);
}

TEST(Figure, TakesAnyRangeOfNumbers) {
  plot::Figure figure;
  const costate::Vector<float, 2> floats{0.5F, 1.5F};
  const std::list<int> integers{1, 2};
  const double array[] = {3, 4};
  figure.panel().line(floats, integers).points(array, std::array<double, 2>{7, 8});
  EXPECT_TRUE(contains(figure.script(), "EOD\n0.5 1\n1.5 2\nEOD"));
  EXPECT_TRUE(contains(figure.script(), "EOD\n3 7\n4 8\nEOD"));
}

TEST(Figure, KeepsEveryDigit) {
  plot::Figure figure;
  figure.panel().line({0, 1}, {0.1 + 0.2, 1e-17});
  EXPECT_TRUE(contains(figure.script(), "0 0.30000000000000004\n1 1e-17\n"));
}

TEST(Figure, BreaksLinesAtGaps) {
  plot::Figure figure;
  figure.panel().line({0, 1, 2, 3, 4, 5, 6}, {missing, 1, 2, missing, infinite, 3, missing});
  // One empty line for each gap, never two, which would end the data.
  EXPECT_TRUE(contains(figure.script(), "<< EOD\n1 1\n2 2\n\n5 3\n\nEOD"));
}

TEST(Figure, LeavesGapsOutOfTheRange) {
  plot::Figure figure;
  figure.panel().line({0, 50, 100}, {0, missing, 10});
  figure.panel().line({0, 1, 2}, {0, -infinite, 100});
  EXPECT_TRUE(contains(figure.script(), "set xrange [-2:102]"));
  EXPECT_TRUE(contains(figure.script(), "set yrange [-0.5:10.5]"));
  EXPECT_TRUE(contains(figure.script(), "set yrange [-5:105]"));
}

TEST(Figure, TakesTheRangesThatAreAskedFor) {
  plot::Figure figure;
  figure.panel({.x_range = {0, 9}, .y_range = {.low = -4}}).line({0, 1}, {0, 100});
  EXPECT_TRUE(contains(figure.script(), "set xrange [0:9]"));
  EXPECT_TRUE(contains(figure.script(), "set yrange [-4:105]"));
}

TEST(Figure, GivesConstantDataARange) {
  for (const double value : {0.0, 1.0, -3e5, 1e-200, 5e-324}) {
    plot::Figure figure;
    figure.panel().line({0, 1}, {value, value});
    const std::string script = figure.script();
    const std::size_t at = script.find("set yrange [");
    double low = 0, high = 0;
    ASSERT_EQ(std::sscanf(script.c_str() + at, "set yrange [%lf:%lf]", &low, &high), 2);
    EXPECT_LT(low, value);
    EXPECT_GT(high, value);
  }
}

TEST(Figure, LabelsLogarithmicAxesByPowersOrDigits) {
  plot::Figure figure;
  figure.panel({.log_y = true}).line({0, 1}, {1e-5, 10});
  figure.panel({.log_y = true}).line({0, 1}, {1, 4});
  const std::string script = figure.script();
  EXPECT_EQ(count(script, "set logscale y"), 2U);
  EXPECT_EQ(count(script, "set format y \"10^{%T}\""), 1U);
  EXPECT_TRUE(contains(script, "set ytics (1, 2, 3, 4)"));
}

TEST(Figure, ArrangesPanelsInAGrid) {
  plot::Figure figure;
  for (int i = 0; i < 3; ++i) figure.panel().line({0, 1}, {0, 1});
  EXPECT_TRUE(contains(figure.script(), "set multiplot layout 1,3"));
  figure.panel().line({0, 1}, {0, 1});
  EXPECT_TRUE(contains(figure.script(), "set multiplot layout 2,2"));
  figure.columns = 1;
  EXPECT_TRUE(contains(figure.script(), "set multiplot layout 4,1"));
  EXPECT_EQ(count(figure.script(), "\nplot "), 4U);
}

TEST(Figure, KeepsReferencesToPanels) {
  plot::Figure figure;
  plot::Panel& first = figure.panel({.title = "first"});
  for (int i = 0; i < 100; ++i) figure.panel().line({0, 1}, {0, 1});
  first.line({0, 1}, {7, 8});
  EXPECT_EQ(&first, &figure.panels.front());
  EXPECT_TRUE(contains(figure.script(), "$panel0_0 << EOD\n0 7\n1 8\n"));
}

TEST(Figure, MakesLettersOfLabelsHarmless) {
  plot::Figure figure{.title = "a\"b\\c`d`@e$f\n\tg\xff µ"};
  figure.panel().line({0, 1}, {0, 1}, {.label = "'x_1^{2}'"});
  const std::string script = figure.script();
  EXPECT_TRUE(contains(script, R"("a\042b\134c\140d\140\100e\044f\n g)"
                               "\xEF\xBF\xBD µ\""));
  EXPECT_TRUE(contains(script, "title \"'x_1^{2}'\""));
  EXPECT_FALSE(contains(script, "`"));
}

TEST(Figure, RefusesMisuse) {
  const std::vector<double> two{1, 2}, three{1, 2, 3}, none, gaps{missing, missing};
  const auto refused = [](const auto& draw, plot::PanelOptions options = {}) {
    return message_of<std::invalid_argument>([&] {
      plot::Figure figure;
      draw(figure.panel(std::move(options)));
    });
  };
  using Panel = plot::Panel&;
  EXPECT_EQ(refused([&](Panel p) { p.line(three, two, {.label = "hare"}); }),
            "Panel: line 'hare': want as many y as x, 3, got 2");
  EXPECT_TRUE(
      contains(refused([&](Panel p) { p.band(two, two, three); }), "Panel: band: want as many high as x"));
  EXPECT_TRUE(contains(refused([&](Panel p) { p.points(none, none); }), "points: want at least one point"));
  EXPECT_TRUE(contains(refused([&](Panel p) { p.line(two, gaps); }), "want at least one finite point"));
  EXPECT_TRUE(contains(refused(
                           [&](Panel p) {
                             p.line(two, std::vector<double>{3, 0});
                           },
                           {.log_y = true}),
                       "want numbers > 0 on the logarithmic y axis, got 0 at index 1"));
  EXPECT_TRUE(contains(refused(
                           [&](Panel p) {
                             p.line({-1, 2}, two);
                           },
                           {.log_x = true}),
                       "logarithmic x axis"));
  EXPECT_TRUE(
      contains(refused([&](Panel p) { p.horizontal_line(-1); }, {.log_y = true}), "logarithmic y axis"));
  EXPECT_TRUE(contains(refused([&](Panel p) { p.vertical_line(missing); }), "rule: want a finite place"));
  EXPECT_TRUE(contains(refused([&](Panel p) { p.line(two, two, {.width = 0}); }), "LineOptions: width"));
  EXPECT_TRUE(
      contains(refused([&](Panel p) { p.points(two, two, {.size = missing}); }), "PointOptions: size"));
  EXPECT_TRUE(
      contains(refused([&](Panel p) { p.band(two, two, two, {.opacity = 2}); }), "BandOptions: opacity"));
  EXPECT_TRUE(contains(refused([&](Panel) {}, {.x_range = {2, 1}}), "PanelOptions: x_range"));
  EXPECT_TRUE(contains(refused([&](Panel) {}, {.log_y = true, .y_range = {0, 1}}), "PanelOptions: y_range"));
  EXPECT_EQ(refused([&](Panel p) { p.line(two, gaps).line(two, two); }).empty(), false);
  EXPECT_EQ(refused([&](Panel p) { p.line(two, std::vector<double>{1, missing}); }, {.log_y = true}), "");
}

/// gnuplot's SVG gives an entry 0.7 font sizes a letter: four columns as wide as the longest of these labels
/// are 731 pixels.
TEST(Figure, BreaksALegendThatIsWiderThanItsPanel) {
  const auto script = [](int width) {
    plot::Figure figure{.width = width};
    auto& panel = figure.panel();
    for (const char* label : {"model", "trained", "held back", "forecast begins"})
      panel.line({0, 1}, {0, 1}, {.label = label});
    return figure.script();
  };
  EXPECT_TRUE(contains(script(700), "maxrows 2")) << script(700);
  EXPECT_TRUE(contains(script(900), "maxrows 1")) << script(900);
}

TEST(Figure, RefusesToDrawNothing) {
  const auto refused = [](const plot::Figure& figure) {
    return message_of<std::invalid_argument>([&] { figure.script(); });
  };
  EXPECT_EQ(refused({}), "Figure: panels: want at least one, got none");
  plot::Figure figure = small_figure();
  figure.panel({.title = "Loss"});
  EXPECT_EQ(refused(figure), "Figure: panel 1 'Loss': want a line, points or a band, got nothing to draw");
  figure.panels.back().vertical_line(1);
  EXPECT_TRUE(contains(refused(figure), "got only rules"));
  figure = small_figure();
  figure.width = 0;
  EXPECT_TRUE(contains(refused(figure), "Figure: width"));
  figure = small_figure();
  figure.panel({.y_range = {.low = 10}}).line({0, 1}, {2, 3});
  EXPECT_TRUE(contains(refused(figure), "want data inside of a range with an open end"));
  figure = small_figure();
  figure.columns = -1;
  EXPECT_TRUE(contains(refused(figure), "Figure: columns"));
}

TEST(Figure, RefusesOtherEndings) {
  for (const char* path : {"picture.pdf", "picture", "svg", ""}) {
    EXPECT_TRUE(
        contains(message_of<std::invalid_argument>([&] { small_figure().save(path); }), ".svg or .png"));
  }
}
