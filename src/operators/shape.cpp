#include "operators/shape.h"

#include <algorithm>

#include "base/numbers.h"
#include "base/text.h"

namespace kiln {

std::string edge_rows(int edge_set) { return edge_set <= 0 ? "E" : "E" + std::to_string(edge_set); }

bool counts_rows(const Size& size) {
  const std::string edges = edge_rows(0);
  return size.symbol == kAtomRows || size.symbol == kStructureRows ||
         (starts_with(size.symbol, edges) && is_digits(size.symbol.substr(edges.size())));
}

Shape unknown_shape() { return {}; }

Shape shape_ending_in(Size last) { return {false, {}, std::move(last)}; }

Shape make_shape(std::vector<Size> sizes) { return {true, std::move(sizes), {}}; }

Size fixed_size(std::int64_t n) { return {n, ""}; }

Size symbolic_size(std::string symbol) { return {-1, std::move(symbol)}; }

Shape shape_from_words(const std::vector<std::string>& words) {
  Shape shape = make_shape({});
  for (const std::string& word : words) {
    std::int64_t n = 0;
    shape.sizes.push_back(read_integer(word, n) ? fixed_size(n) : symbolic_size(word));
  }
  return shape;
}

bool may_equal(const Size& a, const Size& b) { return !a.known() || !b.known() || a.n == b.n; }

Size last_size(const Shape& shape) {
  if (!shape.known) return shape.last;
  return shape.sizes.empty() ? Size{} : shape.sizes.back();
}

namespace {

Size common_size(const Size& a, const Size& b) { return a == b ? a : Size{}; }

std::string size_text(const Size& size) {
  return size.known() ? std::to_string(size.n) : size.symbol.empty() ? "?" : size.symbol;
}

}  // namespace

Shape common_shape(const Shape& a, const Shape& b) {
  if (!a.known || !b.known || a.rank() != b.rank()) return shape_ending_in(common_size(last_size(a), last_size(b)));
  Shape common = a;
  for (std::size_t k = 0; k < a.sizes.size(); ++k) common.sizes[k] = common_size(a.sizes[k], b.sizes[k]);
  return common;
}

std::string to_string(const Shape& shape) {
  if (!shape.known) return shape.last == Size{} ? "(…)" : "(…, " + size_text(shape.last) + ")";
  std::string text;
  for (const Size& size : shape.sizes) text += (text.empty() ? "" : ", ") + size_text(size);
  return "(" + text + (shape.rank() == 1 ? ",)" : ")");
}

}  // namespace kiln
