#include <costate/core/vector.hpp>
#include <costate/plot/solution_plot.hpp>

#include <cstddef>
#include <gtest/gtest.h>
#include <limits>
#include <stdexcept>
#include <string>
#include <vector>

namespace plot = costate::plot;

namespace {

constexpr double missing = std::numeric_limits<double>::quiet_NaN();
constexpr double infinite = std::numeric_limits<double>::infinity();

bool contains(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
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

struct FakeSolution {
  std::vector<double> times{0, 1, 2};
  std::vector<costate::Vector<double, 2>> states{{1, 10}, {2, 20}, {3, 30}};

  std::size_t size() const { return times.size(); }
  const std::vector<double>& t() const { return times; }
  const costate::Vector<double, 2>& operator[](std::size_t i) const { return states[i]; }
  costate::Vector<double, 2> operator()(double t) const { return {1 + t, 10 + 10 * t * t}; }
};

}  // namespace

TEST(PlotSolution, DrawsEachComponentOverTime) {
  plot::Figure figure;
  plot_solution(figure.panel(), FakeSolution{}, {"hare", "lynx"});
  EXPECT_TRUE(contains(figure.script(), "$panel0_0 << EOD\n0 1\n1 2\n2 3\nEOD"));
  EXPECT_TRUE(contains(figure.script(), "$panel0_1 << EOD\n0 10\n1 20\n2 30\nEOD"));
  EXPECT_TRUE(contains(figure.script(), "title \"lynx\""));
}

TEST(PlotSolution, ReadsDenseOutputAndChosenComponents) {
  plot::Figure figure;
  plot_solution(figure.panel(), FakeSolution{}, {}, {.components = {1}, .samples = 5});
  EXPECT_TRUE(contains(figure.script(), "<< EOD\n0 10\n0.5 12.5\n1 20\n1.5 32.5\n2 50\nEOD"));
  EXPECT_TRUE(contains(figure.script(), "title \"u[1]\""));
}

TEST(PlotSolution, LeavesGapsWhereTheSolveFailed) {
  plot::Figure figure;
  FakeSolution failed;
  failed.states[2] = {missing, missing};
  plot_solution(figure.panel(), failed);
  EXPECT_TRUE(contains(figure.script(), "$panel0_0 << EOD\n0 1\n1 2\n\nEOD"));
}

TEST(PlotSolution, RefusesMisuse) {
  plot::Panel panel;
  const auto refused = [&](const std::vector<std::string>& names, const plot::SolutionOptions& options) {
    return message_of<std::invalid_argument>([&] { plot_solution(panel, FakeSolution{}, names, options); });
  };
  EXPECT_TRUE(contains(refused({"only one"}, {}), "names"));
  EXPECT_TRUE(contains(refused({}, {.components = {2}}), "want one below 2, got 2"));
  EXPECT_TRUE(contains(refused({}, {.samples = 1}), "samples"));
}

TEST(PlotPhase, DrawsOneComponentOverAnother) {
  plot::Figure figure;
  plot_phase(figure.panel(), FakeSolution{}, 0, 1, {.label = "orbit"});
  EXPECT_TRUE(contains(figure.script(), "<< EOD\n1 10\n2 20\n3 30\nEOD"));
  EXPECT_TRUE(contains(figure.script(), "title \"orbit\""));
}

TEST(PlotLosses, CountsIterationsFromZero) {
  plot::Figure figure;
  plot_losses(figure.panel({.log_y = true}), std::vector<double>{8, infinite, 2});
  EXPECT_TRUE(contains(figure.script(), "<< EOD\n0 8\n\n2 2\nEOD"));
}

TEST(PlotEnsemble, DrawsMedianAndQuantiles) {
  std::vector<FakeSolution> ensemble(5);
  for (std::size_t k = 0; k < ensemble.size(); ++k) {
    ensemble[k].states[0] = {0, static_cast<double>(k * k)};
    ensemble[k].states[1] = {0, k == 3 ? missing : 1};
  }
  plot::Figure figure;
  plot_ensemble(figure.panel(), ensemble, 1, {.label = "median", .lower = 0.125, .upper = 0.75});
  // Of 0, 1, 4, 9, 16: the level 0.125 lies half way between the first two, 0.75 on the fourth.
  EXPECT_TRUE(contains(figure.script(), "$panel0_0 << EOD\n0 0.5 9\n\n2 30 30\nEOD"));
  EXPECT_TRUE(contains(figure.script(), "$panel0_1 << EOD\n0 4\n\n2 30\nEOD"));
  ensemble[2].times[1] = 1.5;
  EXPECT_THROW(plot_ensemble(figure.panel(), ensemble, 1), std::invalid_argument);
  EXPECT_THROW(plot_ensemble(figure.panel(), std::vector<FakeSolution>{}, 1), std::invalid_argument);
}
