#include <algorithm>
#include <cctype>
#include <map>

#include "operators/targets/target_table.h"

namespace kiln {

namespace {

/// Letters of the sizes of one tensor; those of the dots stand between.
struct Letters {
  std::string before, behind;
  bool dots = false;

  int count() const { return static_cast<int>(before.size() + behind.size()); }
  std::string all() const { return before + behind; }
};

/// "ij...k". Blanks mean nothing. False and a fault if it is something else.
bool read_letters(const std::string& text, Letters& letters, std::string& fault) {
  for (std::size_t k = 0; k < text.size(); ++k) {
    const char c = text[k];
    if (std::isalpha(static_cast<unsigned char>(c))) {
      (letters.dots ? letters.behind : letters.before) += c;
    } else if (text.compare(k, 3, "...") == 0 && !letters.dots) {
      letters.dots = true;
      k += 2;
    } else if (c != ' ') {
      fault = "takes letters, commas, '->' and one '...' for each tensor in its equation, not '" + text + "'";
      return false;
    }
  }
  return true;
}

struct Equation {
  std::vector<Letters> operands;
  Letters result;
  bool has_result = false;
};

/// "ij,jk->ik".
bool read_equation(const std::string& text, Equation& equation, std::string& fault) {
  const std::size_t arrow = text.find("->");
  equation.has_result = arrow != std::string::npos;
  const std::string left = text.substr(0, arrow);
  for (std::size_t begin = 0; begin <= left.size();) {
    const std::size_t end = std::min(left.find(',', begin), left.size());
    equation.operands.emplace_back();
    if (!read_letters(left.substr(begin, end - begin), equation.operands.back(), fault)) return false;
    begin = end + 1;
  }
  return !equation.has_result || read_letters(text.substr(arrow + 2), equation.result, fault);
}

/// Letters that occur once, in order, behind the dots.
Letters implied_result(const Equation& equation) {
  std::map<char, int> times;
  Letters result;
  for (const Letters& operand : equation.operands) {
    for (const char c : operand.all()) ++times[c];
    result.dots = result.dots || operand.dots;
  }
  for (const auto& [c, n] : times)
    if (n == 1) result.behind += c;
  return result;
}

std::string fault_of_result(const Equation& equation) {
  std::string known;
  for (const Letters& operand : equation.operands) known += operand.all();
  const std::string letters = equation.result.all();
  for (std::size_t k = 0; k < letters.size(); ++k) {
    const std::string c(1, letters[k]);
    if (known.find(c) == std::string::npos) return "has '" + c + "' behind '->' only in its equation";
    if (letters.find(c, k + 1) != std::string::npos) return "has '" + c + "' twice behind '->' in its equation";
  }
  return "";
}

std::string shown(const Letters& letters) {
  return "'" + letters.before + (letters.dots ? "..." : "") + letters.behind + "'";
}

std::string fault_of_rank(const Letters& letters, const Shape& shape) {
  const bool fits = !shape.known || shape.rank() == letters.count() || (letters.dots && shape.rank() > letters.count());
  return fits ? "" : "cannot read a tensor of shape " + to_string(shape) + " as " + shown(letters);
}

/// Sizes by letter; the dots are a shape of their own.
struct Sizes {
  std::map<char, Size> by_letter;
  Shape dots = make_shape({});
  bool known = true;  ///< false: of some tensor nothing is known
};

std::string fault_of_letter(char c, const Size& a, const Size& b) {
  return "has '" + std::string(1, c) + "' of sizes " + std::to_string(a.n) + " and " + std::to_string(b.n);
}

/// A size of 1 stretches to that of other tensors.
std::string fault_of_letter(char c, const Size& size, Sizes& sizes) {
  const auto [at, is_new] = sizes.by_letter.emplace(c, size);
  if (is_new) return "";
  Shape both;
  if (!broadcast_shapes(make_shape({at->second}), make_shape({size}), both))
    return fault_of_letter(c, at->second, size);
  at->second = both.sizes[0];
  return "";
}

std::string fault_of_dots(const Shape& dots, Sizes& sizes) {
  const Shape before = sizes.dots;
  if (broadcast_shapes(before, dots, sizes.dots)) return "";
  return "has '...' of shapes " + to_string(before) + " and " + to_string(dots);
}

/// Takes the sizes of one tensor.
std::string fault_of_tensor(const Letters& letters, const Shape& shape, Sizes& sizes) {
  std::string fault = fault_of_rank(letters, shape);
  if (!fault.empty() || !shape.known) return fault;
  const std::size_t n_dots = shape.sizes.size() - letters.count(), n_before = letters.before.size();
  const std::string all = letters.all();
  const auto size_of = [&](std::size_t k) { return shape.sizes[k < n_before ? k : k + n_dots]; };
  for (std::size_t k = 0; k < all.size() && fault.empty(); ++k) {
    const Size size = size_of(k), first = size_of(all.find(all[k]));  // a diagonal is of one size
    fault = may_equal(first, size) ? fault_of_letter(all[k], size, sizes) : fault_of_letter(all[k], first, size);
  }
  const auto begin = shape.sizes.begin() + static_cast<std::ptrdiff_t>(n_before);
  const Shape dots = make_shape({begin, begin + static_cast<std::ptrdiff_t>(n_dots)});
  return fault.empty() ? fault_of_dots(dots, sizes) : fault;
}

Shape shape_of(const Letters& letters, const Sizes& sizes) {
  Shape shape = make_shape({});
  for (const char c : letters.before) shape.sizes.push_back(sizes.by_letter.at(c));
  if (letters.dots) shape.sizes.insert(shape.sizes.end(), sizes.dots.sizes.begin(), sizes.dots.sizes.end());
  for (const char c : letters.behind) shape.sizes.push_back(sizes.by_letter.at(c));
  return shape;
}

/// The first letter of the result is the first of every tensor, and stands there only; a tensor without it is the same
/// for all rows if no size of it counts any.
bool keeps_rows(const Equation& equation, const std::vector<Shape>& shapes) {
  const std::string ahead = equation.result.dots ? equation.result.before : equation.result.all();
  if (ahead.empty()) return false;
  const char row = ahead[0];
  bool keeps = true, found = false;
  for (std::size_t k = 0; k < shapes.size() && keeps; ++k) {
    const Letters& letters = equation.operands[k];
    const std::string all = letters.all();
    const bool has_row = all.find(row) != std::string::npos;
    keeps = has_row ? letters.before.find(row) == 0 && all.find(row, 1) == std::string::npos : all_known(shapes[k]);
    found = found || has_row;
  }
  return keeps && found;
}

}  // namespace

ShapeResult summed_by_letters(const FittedCall& call) {
  Equation equation;
  std::string fault;
  if (!read_equation(call.text("equation"), equation, fault)) return faulty(fault);
  if (!equation.has_result) equation.result = implied_result(equation);
  fault = fault_of_result(equation);
  const std::vector<Shape> shapes = call.inputs();
  if (shapes.empty()) return faulty(fault);  // a list of unknown length
  if (fault.empty() && shapes.size() != equation.operands.size())
    fault = "has an equation for " + std::to_string(equation.operands.size()) + " tensors, not for " +
            std::to_string(shapes.size());
  Sizes sizes;
  for (std::size_t k = 0; k < shapes.size() && fault.empty(); ++k) {
    fault = fault_of_tensor(equation.operands[k], shapes[k], sizes);
    sizes.known = sizes.known && shapes[k].known;
  }
  return fault.empty() && sizes.known
             ? ShapeResult{{shape_of(equation.result, sizes)}, keeps_rows(equation, shapes), ""}
             : faulty(fault);
}

}  // namespace kiln
