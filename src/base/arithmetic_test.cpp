#include "base/arithmetic.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

namespace kiln {
namespace {

/// `n` is 7, `x` is 2.5, `huge` is 1e308, `endless` is infinite.
Number operand(TextCursor& cursor) {
  const std::size_t end = std::min(cursor.text.find_first_of(" +-*/%(),", cursor.i), cursor.text.size());
  const std::string name = cursor.text.substr(cursor.i, end - cursor.i);
  cursor.i = end;
  if (name == "n") return whole_number(7);
  if (name == "x") return real_number(2.5);
  if (name == "huge") return real_number(1e308);
  return real_number(std::numeric_limits<double>::infinity());
}

Number value(const std::string& text) {
  Nesting nesting;
  TextCursor cursor{text};
  const Number result = calculate(cursor, operand, nesting);
  EXPECT_TRUE(cursor.at_end()) << text << " stops at " << cursor.i;
  EXPECT_EQ(nesting.levels, 0);
  return result;
}

// Expected values are Python's.
TEST(Arithmetic, WholeNumbersStayWhole) {
  const std::pair<const char*, std::int64_t> cases[] = {
      {"2 * n", 14},       {"1 + 2 * 3", 7},  {"(1 + 2) * 3", 9},  {"n // 2", 3},
      {"-n // 2", -4},     {"n // -2", -4},   {"n % 3", 1},        {"-n % 3", 2},
      {"n % -3", -2},      {"2 ** 10", 1024}, {"-2 ** 2", -4},     {"2 ** 3 ** 2", 512},
      {"(-2) ** 3", -8},   {"10 - 3 - 2", 5}, {"100 // 7 % 4", 2}, {"max(1, n, 3)", 7},
      {"min(4, n)", 4},    {"abs(-n)", 7},    {"round(x)", 2},     {"round(3.5)", 4},
      {"round(-2.5)", -2}, {"floor(-x)", -3}, {"ceil(-x)", -2},    {"int(-x)", -2},
      {"int(n)", 7},       {"--3", 3},        {"+3", 3},           {"- -+3", 3},
      {"0 ** 0", 1},       {"  4  ", 4},      {"8 // -1", -8},     {"8 % -1", 0},
      {"int(1e3)", 1000},  {"n*n", 49},       {"3-1", 2},          {"max(min(n, 9), 1)", 7}};
  for (const auto& [text, expected] : cases) {
    const Number got = value(text);
    EXPECT_TRUE(got.is_whole) << text;
    EXPECT_EQ(got.whole, expected) << text;
    EXPECT_EQ(got.real, static_cast<double>(expected)) << text;
  }
}

TEST(Arithmetic, RealResults) {
  const std::pair<const char*, double> cases[] = {
      {"4 / 2", 2.0},     {"1 / 4", 0.25},   {"2 ** -1", 0.5},  {"x * 2", 5.0},
      {"x + 1", 3.5},     {"n // x", 2.0},   {"-n // x", -3.0}, {"n % x", 2.0},
      {"-n % x", 0.5},    {"sqrt(16)", 4.0}, {"float(3)", 3.0}, {"2 ** 0.5", std::sqrt(2.0)},
      {".5 + .25", 0.75}, {"1e-3", 1e-3},    {"1.", 1.0},       {"abs(-x)", 2.5},
      {"max(1, x)", 2.5}, {"-x", -2.5},      {"1E+2", 100.0},   {"(-8) / 3 * 3", -8.0}};
  for (const auto& [text, expected] : cases) {
    const Number got = value(text);
    EXPECT_FALSE(got.is_whole) << text;
    EXPECT_TRUE(std::abs(got.real - expected) <= 1e-15 * std::abs(expected)) << text << " " << got.real;
  }
  EXPECT_TRUE(std::isinf(value("endless + 1").real));
}

TEST(Arithmetic, TheLeastWholeNumberCanBeWritten) {
  EXPECT_EQ(value("-9223372036854775808").whole, std::numeric_limits<std::int64_t>::min());
  EXPECT_EQ(value("-9223372036854775808 // 1").whole, std::numeric_limits<std::int64_t>::min());
  EXPECT_EQ(value("9223372036854775807").whole, std::numeric_limits<std::int64_t>::max());
}

std::string fault(const std::string& text) {
  Nesting nesting;
  TextCursor cursor{text};
  try {
    calculate(cursor, operand, nesting);
  } catch (const Stop& stop) {
    EXPECT_EQ(nesting.levels, 0);
    return std::string(stop.code) + " " + std::to_string(stop.offset) + " " + std::to_string(stop.length);
  }
  return "none";
}

TEST(Arithmetic, FaultsSayWhere) {
  const std::pair<const char*, const char*> cases[] = {{"1 / 0", "arithmetic-zero 2 3"},
                                                       {"1 + n // (2 - 2)", "arithmetic-zero 6 10"},
                                                       {"n % 0", "arithmetic-zero 2 3"},
                                                       {"x % 0.0", "arithmetic-zero 2 5"},
                                                       {"0 ** -1", "arithmetic-zero 2 5"},
                                                       {"9223372036854775807 + 1", "arithmetic-overflow 20 3"},
                                                       {"9223372036854775807 * 2", "arithmetic-overflow 20 3"},
                                                       {"-9223372036854775808 - 1", "arithmetic-overflow 21 3"},
                                                       {"-9223372036854775808 // -1", "arithmetic-overflow 21 5"},
                                                       {"abs(-9223372036854775808)", "arithmetic-overflow 0 25"},
                                                       {"2 ** 63", "arithmetic-overflow 2 5"},
                                                       {"2 ** 64 ** 9", "arithmetic-overflow 2 10"},
                                                       {"9223372036854775808", "arithmetic-overflow 0 19"},
                                                       {"huge * 10", "arithmetic-overflow 5 4"},
                                                       {"10.0 ** 400", "arithmetic-overflow 5 6"},
                                                       {"int(huge)", "arithmetic-overflow 0 9"},
                                                       {"round(endless)", "arithmetic-overflow 0 14"},
                                                       {"endless - endless", "arithmetic-not-real 8 9"},
                                                       {"sqrt(-1)", "arithmetic-not-real 0 8"},
                                                       {"(-8) ** 0.5", "arithmetic-not-real 5 6"},
                                                       {"cbrt(8)", "arithmetic-function 0 4"},
                                                       {"sqr(4)", "arithmetic-function 0 3"},
                                                       {"max(1)", "arithmetic-syntax 0 6"},
                                                       {"abs(1, 2)", "arithmetic-syntax 0 9"},
                                                       {"2 +", "arithmetic-syntax 3 1"},
                                                       {"(2", "arithmetic-syntax 2 1"},
                                                       {"2a", "arithmetic-syntax 1 1"},
                                                       {"1_000", "arithmetic-syntax 1 1"},
                                                       {"'a'", "arithmetic-syntax 0 1"},
                                                       {"", "arithmetic-syntax 0 1"},
                                                       {"abs()", "arithmetic-syntax 4 1"},
                                                       {"1e", "arithmetic-overflow 0 2"},
                                                       {"1e999", "arithmetic-overflow 0 5"}};
  for (const auto& [text, expected] : cases) EXPECT_EQ(fault(text), expected) << text;
}

TEST(Arithmetic, NestingIsBounded) {
  Nesting nesting;
  for (const char* piece : {"(", "2**", "abs("}) {
    std::string text;
    for (int n = 0; n < 100000; ++n) text += piece;
    TextCursor cursor{text};
    EXPECT_THROW(calculate(cursor, operand, nesting), TooDeep) << piece;
  }
  EXPECT_EQ(value(std::string(100001, '-') + "3").whole, -3);
}

}  // namespace
}  // namespace kiln
