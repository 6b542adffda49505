#include <costate/methods/bs3.hpp>
#include <costate/methods/bs5.hpp>
#include <costate/methods/dp5.hpp>
#include <costate/methods/heun.hpp>
#include <costate/methods/midpoint.hpp>
#include <costate/methods/owren_zen3.hpp>
#include <costate/methods/owren_zen4.hpp>
#include <costate/methods/owren_zen5.hpp>
#include <costate/methods/ralston.hpp>
#include <costate/methods/tsit5.hpp>

#include <contracts/achieved_error.hpp>
#include <filesystem>

namespace costate {

TEST(AchievedError, IsShownForEveryMethodWithAnErrorEstimate) {
  const std::string text = achieved_error::text_of_page();
  std::size_t found = 0;
  for (const auto& file : std::filesystem::directory_iterator("src/costate/methods")) {
    if (!file.is_regular_file()) continue;
    std::ifstream header(file.path());
    const std::string code{std::istreambuf_iterator<char>(header), {}}, mark = "string_view name = \"";
    const std::size_t at = code.find(mark);
    // Taylor has no table, and takes none of the problems behind pointers that the page is made with
    const bool is_table = code.find("tableau") != std::string::npos;
    if (!is_table || at == std::string::npos || code.find(".embedded_order = 0") != std::string::npos)
      continue;
    const std::size_t from = at + mark.size();
    const std::string name = code.substr(from, code.find('"', from) - from);
    EXPECT_NE(text.find("### " + name + "\n"), std::string::npos)
        << name << " is missing on " << achieved_error::page;
    ++found;
  }
  EXPECT_GE(found, 5u);
}

TEST(AchievedError, OfMethodsUpToOrderFiveIsAsThePageSays) {
  achieved_error::check_page<Midpoint, Heun, Ralston, BS3, OwrenZen3, OwrenZen4, OwrenZen5, BS5, DP5, Tsit5>(
      "methods up to order five");
}

}  // namespace costate
