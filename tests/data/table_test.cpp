#include <costate/data/table.hpp>

#include <cmath>
#include <gtest/gtest.h>

#include "contracts/refusal.hpp"

namespace costate {
namespace {

using Column = std::vector<double>;

const Table record({"year", "hare"}, {{1900, 1901, 1902}, {30, NAN, 70.2}});

TEST(Table, ColumnsByName) {
  EXPECT_EQ(record.rows(), 3u);
  EXPECT_EQ(record.cols(), 2u);
  EXPECT_EQ(record["year"], (Column{1900, 1901, 1902}));
  EXPECT_TRUE(record.has("hare"));
  EXPECT_FALSE(record.has("lynx"));
  EXPECT_EQ(record.missing("hare"), 1u);
  EXPECT_EQ(record.row(2)["hare"], 70.2);
  EXPECT_EQ(refusal_of([] { record["lynx"]; }), "Table: column: want one of 'year', 'hare', got 'lynx'");
}

TEST(Table, SelectsAndFilters) {
  EXPECT_EQ(record.select({"hare", "year"}).names(), (std::vector<std::string>{"hare", "year"}));
  EXPECT_EQ(record.filter([](const auto& row) { return row["year"] != 1901; })["hare"], (Column{30, 70.2}));
  EXPECT_EQ(record.filter([](const auto& row) { return !std::isnan(row["hare"]); })["year"],
            (Column{1900, 1902}));
  EXPECT_EQ(record.filter([](const auto&) { return false; }).rows(), 0u);
  EXPECT_EQ(record.with_column("lynx", {4, 5, 6})["lynx"], (Column{4, 5, 6}));
  EXPECT_EQ(refusal_of([] { record.at_rows({3}); }), "Table: row: want less than 3, got 3");
}

TEST(Table, RefusesWhatDoesNotFit) {
  EXPECT_EQ(refusal_of([] {
              Table({"a", "b"}, {{1}});
            }),
            "Table: names: want one for each of the 1 columns, got 2");
  EXPECT_EQ(refusal_of([] { Table({"a", "b"}, {{1, 2}, {1}}); }), "Table: column 'b': want 2 numbers, got 1");
  EXPECT_EQ(refusal_of([] {
              record.with_column("year", {1, 2, 3});
            }),
            "Table: names: want each name once, got 'year' twice");
}

TEST(Table, PrintsAligned) {
  EXPECT_EQ(to_string(record),
            "year  hare\n"
            "1900    30\n"
            "1901\n"
            "1902  70.2\n");
  Column many(100);
  for (std::size_t i = 0; i < many.size(); ++i) many[i] = double(i);
  EXPECT_EQ(to_string(Table({"größe"}, {many}), 3),
            "    größe\n"
            "        0\n"
            "        1\n"
            "(97 more)\n"
            "       99\n");
  EXPECT_EQ(to_string(Table()), "\n");
}

}  // namespace
}  // namespace costate
