#include <algorithm>

#include "base/text.h"
#include "operators/targets/target_table.h"

namespace kiln {

namespace {

/// Sizes of two tensors side by side; false if they do not fit.
bool broadcast_size(const Size& a, const Size& b, Size& size) {
  if (a.n == 1) return size = b, true;
  if (b.n == 1) return size = a, true;
  if (!may_equal(a, b)) return false;
  size = a.known() ? a : b.known() ? b : a == b ? a : Size{};
  return true;
}

/// Of tensors of which no more is known.
ShapeResult broadcast_last_sizes(const FittedCall& call) {
  Shape widest;
  for (const Shape& shape : call.inputs_with_last_sizes()) {
    if (shape.known && shape.rank() == 0) continue;
    const Size size = last_size(shape);
    if (!size.known()) return {};
    if (size.n == 1) continue;
    const Size so_far = last_size(widest);
    if (so_far.known() && so_far.n != size.n) return cannot_combine(widest, shape);
    widest = shape_ending_in(size);
  }
  return {{last_size(widest).known() ? widest : unknown_shape()}, false, ""};
}

/// Does a tensor beside others of this rank keep its rows apart? One of fewer dimensions is the same for all rows, if
/// its own first dimension does not count them.
bool keeps_rows(const Shape& shape, int rank) { return shape.rank() == rank || all_known(shape); }

}  // namespace

ShapeResult faulty(std::string fault) { return {{}, false, std::move(fault)}; }

ShapeResult wrong_kind(std::string fault) {
  ShapeResult result = faulty(std::move(fault));
  result.fault_of_dtype = true;
  return result;
}

ShapeResult cannot_combine(const Shape& a, const Shape& b) {
  return faulty("cannot combine tensors of shapes " + to_string(a) + " and " + to_string(b));
}

bool all_known(const Shape& shape) {
  return shape.known &&
         std::all_of(shape.sizes.begin(), shape.sizes.end(), [](const Size& size) { return size.known(); });
}

bool is_empty(const Shape& shape) {
  return std::any_of(shape.sizes.begin(), shape.sizes.end(), [](const Size& size) { return size.n == 0; });
}

bool may_equal(const Shape& a, const Shape& b) {
  bool fits = !a.known || !b.known || a.rank() == b.rank();
  for (int k = 0; fits && a.known && b.known && k < a.rank(); ++k) fits = may_equal(a.sizes[k], b.sizes[k]);
  return fits;
}

Size n_components(const Shape& shape) {
  std::vector<std::int64_t> sizes;
  for (const Size& size : shape.sizes) {
    if (!size.known()) return {};
    sizes.push_back(size.n);
  }
  return shape.known ? fixed_size(product(sizes)) : Size{};
}

bool surely_equal(const Shape& a, const Shape& b) {
  const auto is_told = [](const Size& size) { return size.known() || !size.symbol.empty(); };
  return a.known && b.known && a.sizes == b.sizes && std::all_of(a.sizes.begin(), a.sizes.end(), is_told);
}

bool broadcast_shapes(const Shape& a, const Shape& b, Shape& shape) {
  const int rank = std::max(a.rank(), b.rank());
  std::vector<Size> sizes(rank);
  for (int k = 0; k < rank; ++k) {
    const int in_a = k - (rank - a.rank()), in_b = k - (rank - b.rank());
    if (in_a < 0 || in_b < 0) {
      sizes[k] = in_a < 0 ? b.sizes[in_b] : a.sizes[in_a];
    } else if (!broadcast_size(a.sizes[in_a], b.sizes[in_b], sizes[k])) {
      return false;
    }
  }
  shape = make_shape(std::move(sizes));
  return true;
}

std::vector<std::int64_t> numbers_per_dimension(const FittedCall& call, const char* argument, int n,
                                                std::int64_t otherwise) {
  std::vector<std::int64_t> numbers = call.integers(argument);
  if (numbers.size() == 1) numbers.assign(n, std::int64_t{numbers[0]});
  if (static_cast<int>(numbers.size()) != n) numbers.assign(n, otherwise);
  return numbers;
}

std::string fault_of_count(const FittedCall& call, const char* argument, int n) {
  const int given = static_cast<int>(call.integers(argument).size());
  if (given <= 1 || given == n) return "";
  return "needs " + std::to_string(n) + (n == 1 ? " number as " : " numbers as ") + argument + ", not " +
         call.written(argument);
}

int dimension(const Shape& shape, std::int64_t dim) {
  const std::int64_t at = dim < 0 ? dim + shape.rank() : dim;
  return shape.known && at >= 0 && at < shape.rank() ? static_cast<int>(at) : -1;
}

std::string fault_of_dimension(const Shape& shape, std::int64_t dim) { return fault_of_dimensions(shape, {dim}); }

std::string fault_of_dimensions(const Shape& shape, const std::vector<std::int64_t>& dims) {
  std::vector<std::string> missing;
  for (const std::int64_t dim : dims) {
    const bool number = shape.rank() == 0 && (dim == 0 || dim == -1);
    const std::string text = std::to_string(dim);
    const bool is_new = std::find(missing.begin(), missing.end(), text) == missing.end();
    if (shape.known && !number && dimension(shape, dim) < 0 && is_new) missing.push_back(text);
  }
  if (missing.empty()) return "";
  return (missing.size() == 1 ? "has no dimension " : "has no dimensions ") + joined(missing) + " in " +
         to_string(shape);
}

const std::string& name_of(const FittedCall& call) { return call.parts.back().signature.name; }

int dimensions_of(const FittedCall& call) {
  const std::string& name = name_of(call);
  return name[name.find_first_of("123", name.rfind('.'))] - '0';
}

Shape nth_input(const FittedCall& call, std::size_t k) {
  const auto& arguments = call.parts.front().signature.arguments;
  return k < arguments.size() ? call.input(arguments[k].name) : Shape{};
}

std::string fault_of_same_size(const FittedCall& call) {
  const std::vector<std::int64_t> stride = call.integers("stride");
  const bool steps = std::any_of(stride.begin(), stride.end(), [](std::int64_t n) { return n != 1; });
  return steps && call.text("padding") == "same" ? "needs a stride of 1 where padding is 'same'" : "";
}

Shape first_input(const FittedCall& call) {
  const std::vector<Shape> shapes = call.inputs();
  return shapes.empty() ? unknown_shape() : shapes[0];
}

Shape first_with_last_size(const FittedCall& call) {
  Shape shape = first_input(call);
  if (!shape.known) shape.last = call.last_size();
  return shape;
}

ShapeResult columns_checked(const Shape& shape, std::int64_t columns) {
  ShapeResult result;
  const bool number = shape.known && shape.rank() == 0;
  if (number || !may_equal(last_size(shape), fixed_size(columns)))
    result.fault = "takes tensors of " + std::to_string(columns) + " columns, not of shape " + to_string(shape);
  if (!shape.known) return result;
  result.shapes = {shape};
  result.row_wise = shape.rank() > 1;
  return result;
}

ShapeResult same_as_first(const FittedCall& call) {
  const Shape shape = first_with_last_size(call);
  return {{shape}, shape.known && shape.rank() > 0, ""};
}

void need_three_dimensions(ShapeResult& result) {
  const Shape& shape = result.shapes[0];
  if (shape.known && shape.rank() < 3)
    result.fault = "takes tensors of three dimensions or more, not of shape " + to_string(shape);
}

ShapeResult same_size(const FittedCall& call) { return {{first_input(call)}, false, ""}; }

ShapeResult along_dimension(const FittedCall& call) {
  const Shape shape = first_input(call);
  const std::int64_t dim = call.integer("dim");
  const int at = dimension(shape, dim);
  const std::size_t n = std::max<std::size_t>(call.parts.front().signature.results.size(), 1);
  return {std::vector<Shape>(n, shape), at > 0, fault_of_dimension(shape, dim)};
}

ShapeResult reduced(const FittedCall& call) {
  const Shape shape = first_input(call);
  const std::size_t n = std::max<std::size_t>(call.parts.front().signature.results.size(), 1);
  ShapeResult result{std::vector<Shape>(n), false, ""};
  if (!shape.known) return result;
  std::vector<bool> goes(shape.rank(), false);
  const std::vector<int> dims = dimensions(call, "dim", shape, result.fault);
  for (const int at : dims)
    if (at >= 0) goes[at] = true;
  std::vector<Size> sizes;
  const bool keep = find_argument(call, "keepdim").part != nullptr && call.boolean("keepdim");
  for (int k = 0; k < shape.rank(); ++k) {
    if (!dims.empty() && !goes[k]) sizes.push_back(shape.sizes[k]);
    if ((dims.empty() || goes[k]) && keep) sizes.push_back(fixed_size(1));
  }
  if (shape.rank() == 0 && keep && name_of(call) == "torch.aminmax") return result;  // which makes a vector of it
  result.shapes.assign(n, make_shape(sizes));
  result.row_wise = !dims.empty() && shape.rank() > 0 && !goes[0];
  return result;
}

ShapeResult broadcast(const FittedCall& call) {
  const std::vector<Shape> shapes = call.inputs();
  ShapeResult result;
  if (shapes.empty()) return result;
  Shape shape = shapes[0];
  for (const Shape& other : shapes) {
    if (!shape.known || !other.known) return broadcast_last_sizes(call);
    const Shape before = shape;
    if (!broadcast_shapes(before, other, shape)) return cannot_combine(before, other);
  }
  const bool rows =
      std::all_of(shapes.begin(), shapes.end(), [&](const Shape& s) { return keeps_rows(s, shape.rank()); });
  return {{shape}, rows && shape.rank() > 0, ""};
}

ShapeResult broadcast_each(const FittedCall& call) {
  ShapeResult result = broadcast(call);
  if (!result.fault.empty()) return result;
  const Shape shape = result.shapes.empty() ? unknown_shape() : result.shapes[0];
  result.shapes.assign(call.inputs().size(), shape);
  result.is_whole_list = !result.shapes.empty();
  return result;
}

}  // namespace kiln
