#include <costate/data/csv.hpp>

#include "fuzz.hpp"

using namespace costate;

namespace {

void expect_same(const Table& a, const Table& b) {
  fuzz::require(a.names() == b.names(), "the names are read back");
  for (std::size_t j = 0; j < a.cols(); ++j)
    fuzz::require(fuzz::same_numbers(a.column(j), b.column(j)), "the numbers are read back");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto text = fuzz::text_of(data, size);
  for (const CsvOptions& options : {CsvOptions{}, CsvOptions{.delimiter = ';', .decimal = ','},
                                    CsvOptions{.delimiter = '\t', .comment = '\0', .header = false}}) {
    fuzz::read_then([&] { return parse_csv(text, options); },
                    [&](const Table& table) {
                      expect_same(parse_csv(to_csv(table, options), options), table);
                      to_string(table);
                    });
  }
  return 0;
}
