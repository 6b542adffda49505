#include <costate/plot/figure.hpp>

#include <cstddef>
#include <cstdlib>
#include <exception>
#include <filesystem>
#include <fstream>
#include <gtest/gtest.h>
#include <iterator>
#include <limits>
#include <stdexcept>
#include <stdlib.h>
#include <string>
#include <vector>

namespace plot = costate::plot;
namespace fs = std::filesystem;

namespace {

constexpr double missing = std::numeric_limits<double>::quiet_NaN();

bool contains(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

std::size_t count(const std::string& text, const std::string& part) {
  std::size_t found = 0;
  for (std::size_t at = text.find(part); at != std::string::npos; at = text.find(part, at + 1)) ++found;
  return found;
}

std::string contents(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
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

/// A folder of its own for each test, gone afterwards.
class Folder {
 public:
  Folder() {
    std::string name = (fs::temp_directory_path() / "costate_plot_XXXXXX").string();
    path_ = mkdtemp(name.data());
  }
  ~Folder() { fs::remove_all(path_); }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;

  fs::path operator/(const std::string& name) const { return path_ / name; }
  const fs::path& path() const { return path_; }
  bool empty() const { return fs::is_empty(path_); }

 private:
  fs::path path_;
};

/// PATH as long as the object lives.
class SearchPath {
 public:
  explicit SearchPath(const std::string& value) : before_(std::getenv("PATH") ? std::getenv("PATH") : "") {
    setenv("PATH", value.c_str(), 1);
  }
  ~SearchPath() { setenv("PATH", before_.c_str(), 1); }
  SearchPath(const SearchPath&) = delete;
  SearchPath& operator=(const SearchPath&) = delete;

 private:
  std::string before_;
};

/// Puts a shell script in the place of gnuplot.
void write_program(const fs::path& path, const std::string& body) {
  std::ofstream(path) << "#!/bin/sh\n" << body;
  fs::permissions(path, fs::perms::owner_all);
}

class DrawnFigure : public testing::Test {
 protected:
  void SetUp() override {
    if (std::system("gnuplot --version >/dev/null 2>&1") != 0) {
      GTEST_SKIP() << "gnuplot is not installed, so no picture can be drawn";
    }
  }
  Folder folder_;
};

}  // namespace

TEST_F(DrawnFigure, IsAWholeSvg) {
  small_figure().save(folder_ / "picture.svg");
  const std::string svg = contents(folder_ / "picture.svg");
  EXPECT_TRUE(contains(svg, "<svg"));
  EXPECT_TRUE(contains(svg, "</svg>"));
  EXPECT_TRUE(contains(svg, ">curve<"));
  EXPECT_TRUE(contains(svg, "font-family=\"sans-serif\""));
}

TEST_F(DrawnFigure, IsAPngOfTheSizeAskedFor) {
  small_figure().save(folder_ / "picture.PNG");
  const std::string png = contents(folder_ / "picture.PNG");
  ASSERT_GT(png.size(), 24U);
  EXPECT_EQ(png.substr(1, 3), "PNG");
  const auto big_endian = [&](std::size_t at) {
    return 256 * static_cast<unsigned char>(png[at + 2]) + static_cast<unsigned char>(png[at + 3]);
  };
  EXPECT_EQ(big_endian(16), 400);
  EXPECT_EQ(big_endian(20), 300);
}

TEST_F(DrawnFigure, MakesFoldersAndLeavesNothingElse) {
  small_figure().save(folder_ / "a/b c/picture.svg");
  EXPECT_EQ(std::distance(fs::directory_iterator(folder_ / "a/b c"), {}), 1);
}

TEST_F(DrawnFigure, ShowsLabelsLetterByLetter) {
  plot::Figure figure{.title = "`touch " + (folder_ / "ran").string() + "` <b> & _{x}^2"};
  figure.panel({.title = "$(touch x) @m {/:Bold b}", .x_label = "50 % %s \\n", .y_label = "\"q\" 'a'"})
      .line({0, 1}, {0, 1}, {.label = "x_1^{2} \\alpha"})
      .vertical_line(0.5, {.label = "'; system('id'); '"});
  figure.save(folder_ / "it's; a `picture` $HOME.svg");
  const std::string svg = contents(folder_ / "it's; a `picture` $HOME.svg");
  EXPECT_FALSE(fs::exists(folder_ / "ran"));
  EXPECT_TRUE(contains(svg, " &amp; _{x}^2<"));
  EXPECT_TRUE(contains(svg, ">$(touch x) @m {/:Bold b}<"));
  EXPECT_TRUE(contains(svg, ">50 % %s \\n<"));
  EXPECT_TRUE(contains(svg, ">\"q\" 'a'<"));
  EXPECT_TRUE(contains(svg, ">x_1^{2} \\alpha<"));
  EXPECT_TRUE(contains(svg, ">'; system('id'); '<"));
}

TEST_F(DrawnFigure, HoldsEveryKindOfPanel) {
  using plot::Legend;
  using plot::Marker;
  plot::Figure figure{.title = "two\nlines", .columns = 2};
  figure.panel({.log_x = true, .log_y = true, .legend = Legend::right})
      .line({1e-9, 1e9}, {1, 1}, {.label = "a"});
  figure.panel({.equal_axes = true, .legend = Legend::none})
      .points({1, 2}, {1e9, 1e9 + 1}, {.marker = Marker::cross});
  figure.panel({.log_y = true})
      .band({0, 1, 2}, {1, missing, 3}, {2, 2, 4}, {.label = "b"})
      .horizontal_line(2);
  figure.panel().line({0, 1}, {-1e300, 1e300}, {.label = "c"});
  figure.panel().line({0, 1, 2}, {1e308, 0, 5e-324});
  EXPECT_EQ(message_of<std::exception>([&] { figure.save(folder_ / "all.svg"); }), "");
  EXPECT_EQ(message_of<std::exception>([&] { figure.save(folder_ / "all.png"); }), "");
}

TEST_F(DrawnFigure, LeavesTheLineOpenAtAGap) {
  const auto strokes = [&](std::vector<double> y) {
    plot::Figure figure;
    figure.panel().line({0, 1, 2, 3, 4}, y, {.color = plot::purple, .width = 5});
    figure.save(folder_ / "gap.svg");
    const std::string svg = contents(folder_ / "gap.svg");
    const std::size_t plotted = svg.find("id=\"gnuplot_plot_1");
    const std::size_t path = svg.find("d='M", plotted);
    return count(svg.substr(path, svg.find('\'', path + 4) - path), "M");
  };
  EXPECT_EQ(strokes({0, 1, 2, 1, 0}), 1U);
  EXPECT_EQ(strokes({0, 1, missing, 1, 0}), 2U);
}

TEST_F(DrawnFigure, NamesThePathThatCannotBeWritten) {
  std::ofstream(folder_ / "file") << "no folder";
  const std::string below_a_file = folder_ / "file/picture.svg";
  EXPECT_TRUE(
      contains(message_of<std::runtime_error>([&] { small_figure().save(below_a_file); }), below_a_file));
  fs::create_directory(folder_ / "taken.svg");
  const std::string a_folder = folder_ / "taken.svg";
  EXPECT_TRUE(contains(message_of<std::runtime_error>([&] { small_figure().save(a_folder); }), a_folder));
  EXPECT_EQ(std::distance(fs::directory_iterator(folder_.path()), {}), 2);
  const std::string no_place = "/proc/costate.svg";
  EXPECT_TRUE(contains(message_of<std::runtime_error>([&] { small_figure().save(no_place); }), no_place));
}

TEST(Gnuplot, DrawsALineThatCrossesThePanelFromOutsideToOutside) {
  const Folder folder;
  const auto drawn = [&](double y) {
    plot::Figure figure{.width = 400, .height = 300};
    figure.panel({.x_range = {0, 1}, .y_range = {0, 1}})
        .line({-1, 2}, {y, y}, {.color = plot::Color{1, 2, 3}});
    figure.save((folder / "line.svg").string());
    return count(contents(folder / "line.svg"), "L");
  };
  EXPECT_GT(drawn(0.5), drawn(5.0));
}

TEST(Gnuplot, IsNamedWithItsPackageWhereItIsMissing) {
  Folder folder;
  SearchPath nowhere(folder.path());
  const std::string message =
      message_of<std::runtime_error>([&] { small_figure().save(folder / "picture.svg"); });
  EXPECT_TRUE(contains(message, "gnuplot-nox"));
  EXPECT_TRUE(folder.empty());
}

TEST(Gnuplot, PassesItsMessageOnWhenItFails) {
  Folder folder, programs;
  std::ofstream(folder / "picture.svg") << "before";
  write_program(programs / "gnuplot", "echo half a picture\necho 'line 7: undefined variable' >&2\nexit 1\n");
  SearchPath only(programs.path());
  const std::string path = folder / "picture.svg";
  const std::string message = message_of<std::runtime_error>([&] { small_figure().save(path); });
  EXPECT_TRUE(contains(message, "line 7: undefined variable"));
  EXPECT_TRUE(contains(message, path));
  EXPECT_EQ(contents(path), "before");
  EXPECT_EQ(std::distance(fs::directory_iterator(folder.path()), {}), 1);
}

TEST(Gnuplot, IsNotBelievedWhenThePictureIsUnfinished) {
  Folder folder, programs;
  write_program(programs / "gnuplot", "echo '<svg> half a picture'\n");
  SearchPath only(programs.path());
  const std::string message =
      message_of<std::runtime_error>([&] { small_figure().save(folder / "picture.svg"); });
  EXPECT_TRUE(contains(message, "unfinished"));
  EXPECT_TRUE(folder.empty());
}

TEST(Gnuplot, GetsTheWholeScriptWhateverItsLength) {
  Folder folder, programs;
  write_program(programs / "gnuplot", "while IFS= read -r line; do echo \"$line\"; done >'" +
                                          (folder / "seen").string() + "'\necho '</svg>'\n");
  SearchPath only(programs.path());
  plot::Figure figure = small_figure();
  std::vector<double> x(20000);
  for (std::size_t i = 0; i < x.size(); ++i) x[i] = static_cast<double>(i);
  figure.panels[0].line(x, x);
  figure.save(folder / "picture.svg");
  EXPECT_EQ(contents(folder / "seen").size(), figure.script().size());
}
