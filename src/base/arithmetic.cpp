#include "base/arithmetic.h"

#include <cmath>
#include <vector>

#include "base/diagnostics.h"
#include "base/numbers.h"

namespace kiln {

Number whole_number(std::int64_t value) { return {true, value, static_cast<double>(value)}; }
Number real_number(double value) { return {false, 0, value}; }

namespace {

constexpr std::string_view kDigits = "0123456789";
constexpr std::string_view kLetters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_";

/// What has no result, thrown by the arithmetic, which does not know where it stands.
struct NoResult {
  const char* code;
  std::string what, hint;
};

[[noreturn]] void overflow() {
  throw NoResult{"arithmetic-overflow", "the result is out of range", "Whole numbers have 64 bits, reals are doubles."};
}
[[noreturn]] void zero_division() { throw NoResult{"arithmetic-zero", "division by zero", ""}; }

/// A real result; infinite only if an operand is, and never NaN.
Number checked(double value, std::initializer_list<double> operands) {
  if (std::isnan(value)) throw NoResult{"arithmetic-not-real", "the result is no real number", ""};
  if (std::isinf(value)) {
    bool finite = true;
    for (const double operand : operands) finite = finite && std::isfinite(operand);
    if (finite) overflow();
  }
  return real_number(value);
}

Number to_whole(double value) {
  if (!(value >= -0x1p63 && value < 0x1p63)) overflow();
  return whole_number(static_cast<std::int64_t>(value));
}

Number add(const Number& a, const Number& b) {
  std::int64_t sum = 0;
  if (!a.is_whole || !b.is_whole) return checked(a.real + b.real, {a.real, b.real});
  if (__builtin_add_overflow(a.whole, b.whole, &sum)) overflow();
  return whole_number(sum);
}

Number subtract(const Number& a, const Number& b) {
  std::int64_t difference = 0;
  if (!a.is_whole || !b.is_whole) return checked(a.real - b.real, {a.real, b.real});
  if (__builtin_sub_overflow(a.whole, b.whole, &difference)) overflow();
  return whole_number(difference);
}

Number multiply(const Number& a, const Number& b) {
  std::int64_t product = 0;
  if (!a.is_whole || !b.is_whole) return checked(a.real * b.real, {a.real, b.real});
  if (__builtin_mul_overflow(a.whole, b.whole, &product)) overflow();
  return whole_number(product);
}

Number divide(const Number& a, const Number& b) {
  if (b.real == 0.0) zero_division();
  return checked(a.real / b.real, {a.real, b.real});
}

double remainder_of(double a, double b) {
  const double rest = std::fmod(a, b);
  return rest != 0.0 && (rest < 0.0) != (b < 0.0) ? rest + b : rest;
}

/// Python's: the sign of the divisor.
Number modulo(const Number& a, const Number& b) {
  if (b.real == 0.0) zero_division();
  if (!a.is_whole || !b.is_whole) return checked(remainder_of(a.real, b.real), {a.real, b.real});
  if (b.whole == -1) return whole_number(0);
  const std::int64_t rest = a.whole % b.whole;
  return whole_number(rest != 0 && (rest < 0) != (b.whole < 0) ? rest + b.whole : rest);
}

Number floor_divide(const Number& a, const Number& b) {
  if (b.real == 0.0) zero_division();
  if (!a.is_whole || !b.is_whole) {
    const double rest = remainder_of(a.real, b.real);
    return checked(std::round((a.real - rest) / b.real), {a.real, b.real});
  }
  if (b.whole == -1) return subtract(whole_number(0), a);
  const std::int64_t quotient = a.whole / b.whole, rest = a.whole % b.whole;
  return whole_number(rest != 0 && (rest < 0) != (b.whole < 0) ? quotient - 1 : quotient);
}

Number whole_power(Number base, std::int64_t exponent) {
  Number result = whole_number(1);
  for (; exponent > 0; exponent /= 2) {
    if (exponent % 2 == 1) result = multiply(result, base);
    if (exponent > 1) base = multiply(base, base);
  }
  return result;
}

Number power(const Number& a, const Number& b) {
  if (a.is_whole && b.is_whole && b.whole >= 0) return whole_power(a, b.whole);
  if (a.real == 0.0 && b.real < 0.0) zero_division();
  return checked(std::pow(a.real, b.real), {a.real, b.real});
}

using Numbers = std::vector<Number>;

Number least(const Numbers& x) {
  return *std::min_element(x.begin(), x.end(), [](const Number& a, const Number& b) {
    return a.is_whole && b.is_whole ? a.whole < b.whole : a.real < b.real;
  });
}
Number greatest(const Numbers& x) {
  return *std::max_element(x.begin(), x.end(), [](const Number& a, const Number& b) {
    return a.is_whole && b.is_whole ? a.whole < b.whole : a.real < b.real;
  });
}
Number magnitude(const Numbers& x) {
  const bool negative = x[0].is_whole ? x[0].whole < 0 : std::signbit(x[0].real);
  return negative ? subtract(whole_number(0), x[0]) : x[0];
}
Number square_root(const Numbers& x) { return checked(std::sqrt(x[0].real), {x[0].real}); }
Number rounded(const Numbers& x) { return x[0].is_whole ? x[0] : to_whole(x[0].real - std::remainder(x[0].real, 1.0)); }
Number rounded_down(const Numbers& x) { return x[0].is_whole ? x[0] : to_whole(std::floor(x[0].real)); }
Number rounded_up(const Numbers& x) { return x[0].is_whole ? x[0] : to_whole(std::ceil(x[0].real)); }
Number truncated(const Numbers& x) { return x[0].is_whole ? x[0] : to_whole(std::trunc(x[0].real)); }
Number as_real(const Numbers& x) { return real_number(x[0].real); }

struct Function {
  const char* name;
  bool takes_several;
  Number (*compute)(const Numbers&);
};
constexpr Function kFunctions[] = {
    {"abs", false, magnitude},      {"ceil", false, rounded_up}, {"float", false, as_real},
    {"floor", false, rounded_down}, {"int", false, truncated},   {"max", true, greatest},
    {"min", true, least},           {"round", false, rounded},   {"sqrt", false, square_root}};

struct Operator {
  const char* sign;
  Number (*compute)(const Number&, const Number&);
};
constexpr Operator kSums[] = {{"+", add}, {"-", subtract}};
constexpr Operator kProducts[] = {{"//", floor_divide}, {"*", multiply}, {"/", divide}, {"%", modulo}};

/// Recursive descent; each level of the grammar is one function.
class Calculator {
 public:
  Calculator(TextCursor& cursor, const ReadOperand& operand, Nesting& nesting)
      : cursor_(cursor), operand_(operand), nesting_(nesting) {}

  Number sum() {
    const NestingLevel level(nesting_);
    Number value = product();
    for (std::size_t start = 0; const Operator* found = take(kSums, start);) {
      const Number right = product();
      value = guarded(start, [&] { return found->compute(value, right); });
    }
    return value;
  }

 private:
  Number product() {
    Number value = factor();
    for (std::size_t start = 0; const Operator* found = take(kProducts, start);) {
      const Number right = factor();
      value = guarded(start, [&] { return found->compute(value, right); });
    }
    return value;
  }

  /// Signs stand before '**': -2 ** 2 is -4.
  Number factor() {
    bool negative = false;
    std::size_t start = cursor_.i;
    for (cursor_.skip_blanks(); cursor_.sees_one_of("+-"); cursor_.skip_blanks()) {
      negative = negative != (cursor_.here() == '-');
      start = cursor_.i++;
    }
    if (negative && is_least_whole()) return whole_number(std::numeric_limits<std::int64_t>::min());
    const Number value = power_of(atom());
    return negative ? guarded(start, [&] { return negated(value); }) : value;
  }

  static Number negated(const Number& value) {
    return value.is_whole ? subtract(whole_number(0), value) : real_number(-value.real);
  }

  /// 2^63, which exists with the minus sign only.
  bool is_least_whole() {
    constexpr std::string_view kText = "9223372036854775808";
    if (!cursor_.sees(kText)) return false;
    TextCursor ahead{cursor_.text, cursor_.i + kText.size()};
    if (ahead.sees_one_of("0123456789.eE_")) return false;
    ahead.skip_blanks();
    if (ahead.sees("**")) return false;
    cursor_.i = ahead.i;
    return true;
  }

  Number power_of(const Number& base) {
    cursor_.skip_blanks();
    const std::size_t start = cursor_.i;
    if (!cursor_.sees("**")) return base;
    const NestingLevel level(nesting_);
    cursor_.i += 2;
    const Number exponent = factor();
    return guarded(start, [&] { return power(base, exponent); });
  }

  Number atom() {
    cursor_.skip_blanks();
    if (cursor_.sees("(")) return in_brackets();
    if (is_number()) return literal();
    const std::size_t end = std::min(cursor_.text.find_first_not_of(name_characters(), cursor_.i), cursor_.text.size());
    if (end > cursor_.i && cursor_.text.compare(end, 1, "(") == 0) return call(end);
    if (end > cursor_.i || cursor_.sees_one_of(".") || cursor_.sees("${")) return operand_(cursor_);
    unexpected("a number, a path or '('");
  }

  static const char* name_characters() { return "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_0123456789"; }

  Number in_brackets() {
    ++cursor_.i;
    const Number value = sum();
    close_bracket();
    return value;
  }

  void close_bracket() {
    cursor_.skip_blanks();
    if (!cursor_.sees(")")) unexpected("')'");
    ++cursor_.i;
  }

  bool is_number() const {
    const std::size_t first = cursor_.i + (cursor_.sees(".") ? 1 : 0);
    return first < cursor_.text.size() && kDigits.find(cursor_.text[first]) != std::string_view::npos;
  }

  void skip_digits() { cursor_.i = std::min(cursor_.text.find_first_not_of(kDigits, cursor_.i), cursor_.text.size()); }

  Number literal() {
    const std::size_t start = cursor_.i;
    skip_digits();
    bool is_whole = !cursor_.sees(".");
    if (!is_whole) ++cursor_.i;
    skip_digits();
    if (cursor_.sees_one_of("eE")) {
      is_whole = false;
      ++cursor_.i;
      if (cursor_.sees_one_of("+-")) ++cursor_.i;
      skip_digits();
    }
    const std::string text = cursor_.text.substr(start, cursor_.i - start);
    if (cursor_.sees_one_of(kLetters)) unexpected("the end of the number " + text);
    Number value = whole_number(0);
    const bool good = is_whole ? read_integer(text, value.whole) : read_real(text, value.real);
    if (!good) stop(start, {"arithmetic-overflow", "'" + text + "' is no number or out of range", ""});
    return is_whole ? whole_number(value.whole) : real_number(value.real);
  }

  Number call(std::size_t end_of_name) {
    const std::size_t start = cursor_.i;
    const std::string name = cursor_.text.substr(start, end_of_name - start);
    cursor_.i = end_of_name;
    const Function& function = find(name, start);
    Numbers arguments;
    do {
      ++cursor_.i;
      arguments.push_back(sum());
      cursor_.skip_blanks();
    } while (cursor_.sees(","));
    close_bracket();
    if ((arguments.size() > 1) != function.takes_several)
      stop(start, {"arithmetic-syntax",
                   name + (function.takes_several ? " takes two numbers or more" : " takes one number"), ""});
    return guarded(start, [&] { return function.compute(arguments); });
  }

  const Function& find(const std::string& name, std::size_t start) const {
    std::vector<std::string> known;
    for (const Function& function : kFunctions) {
      if (function.name == name) return function;
      known.push_back(function.name);
    }
    const std::string near = did_you_mean(name, known);
    throw Stop{start, "arithmetic-function", "there is no function '" + name + "'",
               near.empty() ? "Known: abs, ceil, float, floor, int, max, min, round, sqrt." : near, name.size()};
  }

  template <std::size_t n>
  const Operator* take(const Operator (&operators)[n], std::size_t& start) {
    cursor_.skip_blanks();
    start = cursor_.i;
    for (const Operator& candidate : operators) {
      if (!cursor_.sees(candidate.sign)) continue;
      cursor_.i += std::char_traits<char>::length(candidate.sign);
      return &candidate;
    }
    return nullptr;
  }

  template <class Compute>
  Number guarded(std::size_t start, const Compute& compute) {
    try {
      return compute();
    } catch (const NoResult& fault) {
      stop(start, fault);
    }
  }

  /// Underlines from `start` to the cursor.
  [[noreturn]] void stop(std::size_t start, const NoResult& fault) const {
    throw Stop{start, fault.code, fault.what, fault.hint, std::max<std::size_t>(1, cursor_.i - start)};
  }

  [[noreturn]] void unexpected(const std::string& wanted) const {
    const bool at_end = cursor_.at_end();
    throw Stop{cursor_.i, "arithmetic-syntax",
               at_end ? "it ends where " + wanted + " is expected"
                      : "'" + cursor_.character() + "' stands where " + wanted + " is expected",
               "An expression has numbers, paths such as a.b, + - * / // % **, brackets and functions."};
  }

  TextCursor& cursor_;
  const ReadOperand& operand_;
  Nesting& nesting_;
};

}  // namespace

Number calculate(TextCursor& cursor, const ReadOperand& operand, Nesting& nesting) {
  return Calculator(cursor, operand, nesting).sum();
}

}  // namespace kiln
