#include <costate/plot/plot_every.hpp>

#include <cstdlib>
#include <filesystem>
#include <gtest/gtest.h>
#include <stdexcept>
#include <string>
#include <unistd.h>
#include <vector>

namespace costate {
namespace {

namespace fs = std::filesystem;

TEST(PlotEvery, DrawsAtItsPeriod) {
  if (std::system("gnuplot --version > /dev/null 2>&1") != 0) GTEST_SKIP() << "gnuplot is not installed";
  const fs::path file =
      fs::temp_directory_path() / ("costate_plot_every_" + std::to_string(::getpid()) + ".svg");
  auto plot = plot::plot_every(2, file.string());
  const std::vector<double> losses{4, 2, 1}, below{4, -1};
  const std::vector<Validation> validations{{0, 5.0}};
  TrainProgress at;
  at.iteration = 1;
  at.history = std::span(losses).first(2);
  EXPECT_FALSE(plot(at));
  EXPECT_FALSE(fs::exists(file));
  at.iteration = 2;
  at.history = losses;
  at.validations = validations;
  at.validation = 3.0;
  EXPECT_FALSE(plot(at));
  EXPECT_TRUE(fs::exists(file));
  fs::remove(file);
  at.history = below;
  plot(at);
  EXPECT_TRUE(fs::exists(file)) << "a loss below 0 is drawn on a plain axis";
  fs::remove(file);
}

TEST(PlotEvery, SaysOnceThatItCannotDraw) {
  auto plot = plot::plot_every(1, "no/such/\n/folder/losses.txt");
  const std::vector<double> losses{4};
  TrainProgress at;
  at.history = losses;
  testing::internal::CaptureStderr();
  EXPECT_FALSE(plot(at));
  EXPECT_EQ(testing::internal::GetCapturedStderr().rfind("plot_every: ", 0), 0u);
  testing::internal::CaptureStderr();
  EXPECT_FALSE(plot(at));
  EXPECT_EQ(testing::internal::GetCapturedStderr(), "");
  EXPECT_THROW(plot::plot_every(0, "a.svg"), std::invalid_argument);
}

}  // namespace
}  // namespace costate
