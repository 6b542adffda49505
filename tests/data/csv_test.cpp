#include <costate/data/csv.hpp>
#include <costate/data/file.hpp>

#include <bit>
#include <clocale>
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <gtest/gtest.h>
#include <limits>

#include "contracts/refusal.hpp"

namespace costate {
namespace {

using Column = std::vector<double>;

TEST(Csv, ReadsNamesAndNumbers) {
  const Table table = parse_csv("year,hare,lynx\n1900,30,4\n1901,47.2,6.1\n");
  EXPECT_EQ(table.names(), (std::vector<std::string>{"year", "hare", "lynx"}));
  EXPECT_EQ(table.rows(), 2u);
  EXPECT_EQ(table["hare"], (Column{30, 47.2}));
}

TEST(Csv, TakesTheFormsThatFilesHave) {
  const Column wanted{1, -2.5e-3};
  const char* forms[] = {
      "a,b\n1,0\n-2.5e-3,0\n",                               // plain
      "a,b\r\n1,0\r\n-2.5e-3,0",                             // CRLF, no newline at the end
      "# said before\n\n a , b \n  1,0\n\n#\n-0.0025 ,0\n",  // comments, blanks
      "\xEF\xBB\xBF\"a\",\"b\"\n\"1\",0\n-25e-4,0\n",        // byte order mark, quotes
      "a,b\r\n\r\n+1,0\r\n-.0025,\"0\" \r\n\r",              // a leading plus and point
  };
  for (const char* form : forms) {
    const Table table = parse_csv(form);
    EXPECT_EQ(table.names(), (std::vector<std::string>{"a", "b"})) << form;
    ASSERT_EQ(table.rows(), 2u) << form;
    EXPECT_EQ(table["a"][0], wanted[0]) << form;
    EXPECT_EQ(table["a"][1], wanted[1]) << form;
  }
}

TEST(Csv, QuotesHoldDelimitersQuotesAndLines) {
  const Table table = parse_csv("\"a,b\",\"say \"\"x\"\"\",\"two\nlines\"\n1,2,3\n4,5,six\n",
                                {.columns = {"a,b", "say \"x\""}});
  EXPECT_EQ(table["a,b"], (Column{1, 4}));
  EXPECT_EQ(table["say \"x\""], (Column{2, 5}));
  EXPECT_EQ(complaint_of([] { parse_csv("\"two\nlines\"\n1\nx\n"); }),
            "costate: 'CSV text', line 4, column 1 'two\nlines': want a number, got 'x'")
      << "the line is counted through the quotes";
}

TEST(Csv, MissingValuesAreNaN) {
  const Table table = parse_csv("a,b,c\n1,,NA\nNaN,null,\"\"\n nan,2,-inf\n");
  EXPECT_EQ(table.missing("a"), 2u);
  EXPECT_EQ(table.missing("b"), 2u);
  EXPECT_EQ(table.missing("c"), 2u);
  EXPECT_EQ(table["c"][2], -std::numeric_limits<double>::infinity());
  const Table own = parse_csv("a\n-99\n1\n", {.missing = {"-99"}});
  EXPECT_TRUE(std::isnan(own["a"][0]));
}

TEST(Csv, OtherDelimitersDecimalsAndNoHeader) {
  EXPECT_EQ(parse_csv("a;b\n1,5;2\n", {.delimiter = ';', .decimal = ','})["a"], Column{1.5});
  EXPECT_EQ(parse_csv("a\tb\n1.5\t\n", {.delimiter = '\t'})["a"], Column{1.5});
  EXPECT_EQ(parse_csv("\t2\n", {.delimiter = '\t', .header = false}).missing("column1"), 1u);
  EXPECT_EQ(parse_csv("1,2\n3,4\n", {.header = false})["column2"], (Column{2, 4}));
  EXPECT_EQ(parse_csv(",x\n0,7\n")["column1"], Column{0}) << "a column of row numbers without a name";
}

TEST(Csv, SaysWhereAFileIsWrong) {
  const auto said = [](const char* text, CsvOptions options = {}) {
    return complaint_of([&] { parse_csv(text, options, "f.csv"); });
  };
  EXPECT_EQ(said("year,hare\n1900,30\n1901,many\n"),
            "costate: 'f.csv', line 3, column 2 'hare': want a number, got 'many'");
  EXPECT_EQ(said("a,b\n1,2,3\n"), "costate: 'f.csv', line 2: want 2 fields, got 3");
  EXPECT_EQ(said("year;hare\n1900;30,2\n"),
            "costate: 'f.csv', line 2: want 1 field, as in the header 'year;hare', got 2");
  EXPECT_EQ(said("a\n1 2\n"), "costate: 'f.csv', line 2, column 1 'a': want a number, got '1 2'");
  EXPECT_EQ(said("a\n1e999\n"),
            "costate: 'f.csv', line 2, column 1 'a': want a number that a double holds, got '1e999'");
  EXPECT_EQ(said("a\n1,5\n", {.delimiter = ';'}),
            "costate: 'f.csv', line 2, column 1 'a': want a number, got '1,5'");
  EXPECT_EQ(said("a\n1.5\n", {.delimiter = ';', .decimal = ','}),
            "costate: 'f.csv', line 2, column 1 'a': want a number with a decimal comma, got '1.5'");
  EXPECT_EQ(said("a,b,a\n"), "costate: 'f.csv', line 1: want each column's name once, got 'a' twice");
  EXPECT_EQ(said("\n#\n"), "costate: 'f.csv', line 2: want names of columns, got no line that has any");
  EXPECT_EQ(said("a\n\"1\n"),
            "costate: 'f.csv', line 2, column 1: want a quote that closes, got the end of the text");
  EXPECT_EQ(said("a\n\"1\"2\n"),
            "costate: 'f.csv', line 2, column 1: want a delimiter after the closing quote, got '2'");
  EXPECT_EQ(said("a,b\n", {.columns = {"c"}}), "costate: 'f.csv', line 1: want a column 'c', got 'a', 'b'");
  EXPECT_EQ(complaint_of([] { read_csv("no/such.csv"); }),
            "costate: cannot read 'no/such.csv': No such file or directory");
}

TEST(Csv, RefusesOptionsThatContradictEachOther) {
  EXPECT_EQ(refusal_of([] { parse_csv("", {.delimiter = '.'}); }),
            "CsvOptions: delimiter: want a character that is part of no number and no line end, got '.'");
  EXPECT_EQ(refusal_of([] { parse_csv("", {.decimal = ','}); }),
            "CsvOptions: decimal: want '.' or ',', and other than the delimiter, got ','");
  EXPECT_EQ(refusal_of([] { parse_csv("", {.comment = ','}); }),
            "CsvOptions: comment: want a character other than the delimiter, got ','");
}

TEST(Csv, WhatIsWrittenIsReadBackToTheBit) {
  Column values{0.1,     -0.0,   1e-310,      1.7976931348623157e308,
                1.0 / 3, 5e-324, 123456789.0, -std::numeric_limits<double>::infinity()};
  std::uint64_t state = 1;
  for (int i = 0; i < 1000; ++i) {
    state = state * 6364136223846793005u + 1442695040888963407u;
    const auto value = std::bit_cast<double>(state ^ (state >> 29));
    if (std::isfinite(value)) values.push_back(value);
  }
  const Table table({"x", " odd,\"name\" #", "größe"},
                    {values, Column(values.size(), std::nan("")), Column(values.size(), 2.5)});
  for (const CsvOptions& options :
       {CsvOptions{}, CsvOptions{.delimiter = ';', .decimal = ','}, CsvOptions{.delimiter = '\t'}}) {
    const Table back = parse_csv(to_csv(table, options), options);
    EXPECT_EQ(back.names(), table.names());
    ASSERT_EQ(back.rows(), table.rows());
    for (std::size_t i = 0; i < values.size(); ++i)
      EXPECT_EQ(std::bit_cast<std::uint64_t>(back["x"][i]), std::bit_cast<std::uint64_t>(values[i]));
    EXPECT_EQ(back.missing(table.names()[1]), table.rows());
  }
}

TEST(Csv, NumbersDoNotDependOnTheLocale) {
  const std::string before = std::setlocale(LC_ALL, nullptr);
  for (const char* name : {"de_DE.UTF-8", "fr_FR.UTF-8", "de_DE", "C"}) {
    std::setlocale(LC_ALL, name);
    EXPECT_EQ(parse_csv("a\n1.5\n")["a"], Column{1.5});
    EXPECT_EQ(to_csv(parse_csv("a\n1.5\n")), "a\n1.5\n");
  }
  std::setlocale(LC_ALL, before.c_str());
}

TEST(Csv, ReadsAndWritesFiles) {
  const std::string path = testing::TempDir() + "costate_csv_test.csv";
  write_csv(path, Table({"a"}, {{1, 2}}));
  EXPECT_EQ(read_file(path), "a\n1\n2\n");
  EXPECT_EQ(read_csv(path)["a"], (Column{1, 2}));
  write_file(path, "a\nx\n");
  EXPECT_EQ(complaint_of([&] { read_csv(path); }),
            "costate: '" + path + "', line 2, column 1 'a': want a number, got 'x'");
  std::remove(path.c_str());
  EXPECT_EQ(read_csv("examples/data/hudson_bay_lynx_hare.csv").rows(), 21u);
}

}  // namespace
}  // namespace costate
