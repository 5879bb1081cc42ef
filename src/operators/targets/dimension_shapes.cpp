#include <algorithm>
#include <map>
#include <set>

#include "operators/targets/target_table.h"

namespace kiln {

namespace {

ShapeResult faulty(const std::string& fault) { return {{}, false, fault}; }

/// The dimensions that an argument names; those that are not there give a fault. A number has none of its own.
std::vector<int> dimensions(const FittedCall& call, const char* argument, const Shape& shape, std::string& fault) {
  std::vector<int> all;
  if (find_argument(call, argument).part == nullptr) return all;
  for (const std::int64_t dim : call.integers(argument)) {
    if (fault.empty()) fault = fault_of_dimension(shape, dim);
    all.push_back(dimension(shape, dim));
  }
  const bool may_repeat = call.parts.back().signature.name == "torch.roll";  // one after the other
  const std::set<int> distinct(all.begin(), all.end());
  const bool twice = distinct.size() < all.size() && shape.rank() > 0 && !may_repeat;
  if (fault.empty() && twice) fault = "is given a dimension twice: " + call.written(argument);
  return all;
}

constexpr const char* kDimensions[] = {"dim", "dims", "source", "destination"};

/// Nothing is said but that the dimensions are there.
ShapeResult dimensions_checked(const FittedCall& call) {
  const Shape shape = first_input(call);
  std::string fault;
  if (shape.known)
    for (const char* argument : kDimensions) dimensions(call, argument, shape, fault);
  return faulty(fault);
}

/// Along one or several dimensions, which stay.
ShapeResult along_dimensions(const FittedCall& call) {
  const Shape shape = first_input(call);
  ShapeResult result{std::vector<Shape>(call.parts.front().signature.results.size(), shape), false, ""};
  if (!shape.known) return result;
  std::vector<int> along;
  for (const char* argument : kDimensions)
    for (const int at : dimensions(call, argument, shape, result.fault)) along.push_back(at);
  result.row_wise = !along.empty() && std::all_of(along.begin(), along.end(), [](int at) { return at > 0; });
  return result;
}

/// Two dimensions change places.
ShapeResult transposed(const FittedCall& call) {
  Shape shape = first_input(call);
  if (!shape.known) return {};
  const bool axes = find_argument(call, "axis0").part != nullptr;
  std::string fault;
  const std::vector<int> first = dimensions(call, axes ? "axis0" : "dim0", shape, fault);
  const std::vector<int> second = dimensions(call, axes ? "axis1" : "dim1", shape, fault);
  if (!fault.empty()) return faulty(fault);
  if (shape.rank() > 0) std::swap(shape.sizes[first[0]], shape.sizes[second[0]]);
  return {{shape}, shape.rank() > 0 && (first == second || (first[0] > 0 && second[0] > 0)), ""};
}

/// Of a matrix; what has fewer dimensions stays.
ShapeResult matrix_transposed(const FittedCall& call) {
  Shape shape = first_input(call);
  if (shape.known && shape.rank() > 2)
    return faulty("takes a matrix at most, not a tensor of shape " + to_string(shape));
  std::reverse(shape.sizes.begin(), shape.sizes.end());
  return {{shape}, shape.known && shape.rank() == 1, ""};
}

ShapeResult permuted(const FittedCall& call) {
  const Shape shape = first_input(call);
  if (!shape.known) return {};
  std::string fault;
  const std::vector<int> order = dimensions(call, "dims", shape, fault);
  if (static_cast<int>(order.size()) != shape.rank())
    fault = "needs " + std::to_string(shape.rank()) + " dims for a tensor of shape " + to_string(shape) + ", not " +
            call.written("dims");
  if (!fault.empty()) return faulty(fault);
  Shape turned = make_shape({});
  for (const int at : order) turned.sizes.push_back(shape.sizes[at]);
  return {{turned}, !order.empty() && order[0] == 0, ""};
}

ShapeResult unsqueezed(const FittedCall& call) {
  Shape shape = first_input(call);
  if (!shape.known) return {};
  const std::int64_t dim = call.integer("dim"), at = dim < 0 ? dim + shape.rank() + 1 : dim;
  if (at < 0 || at > shape.rank())
    return faulty("has no place " + std::to_string(dim) + " for a dimension in " + to_string(shape));
  shape.sizes.insert(shape.sizes.begin() + at, fixed_size(1));
  return {{shape}, at > 0, ""};
}

/// A dimension that may have one entry or not leaves the number of dimensions open.
ShapeResult squeezed(const FittedCall& call) {
  const Shape shape = first_input(call);
  if (!shape.known) return {};
  std::string fault;
  const bool one = find_argument(call, "dim").part != nullptr;
  const std::vector<int> dims = dimensions(call, "dim", shape, fault);
  if (!fault.empty()) return faulty(fault);
  Shape rest = make_shape({});
  for (int k = 0; k < shape.rank(); ++k) {
    const Size& size = shape.sizes[k];
    if (one && k != dims[0])
      rest.sizes.push_back(size);
    else if (!size.known())
      return {};
    else if (size.n != 1)
      rest.sizes.push_back(size);
  }
  const bool keeps_rows = shape.rank() > 0 && shape.sizes[0].n != 1;
  return {{rest}, keeps_rows || (one && shape.rank() > 0 && dims[0] > 0), ""};
}

ShapeResult selected(const FittedCall& call) {
  Shape shape = first_input(call);
  if (!shape.known) return {};
  if (shape.rank() == 0) return faulty("takes no number: there is nothing to select from");
  std::string fault;
  const std::vector<int> dims = dimensions(call, "dim", shape, fault);
  if (!fault.empty()) return faulty(fault);
  const Size size = shape.sizes[dims[0]];
  const std::int64_t index = call.integer("index");
  if (size.known() && (index >= size.n || index < -size.n))
    return faulty("has no entry " + std::to_string(index) + " in dimension " + call.written("dim") + " of " +
                  to_string(shape));
  shape.sizes.erase(shape.sizes.begin() + dims[0]);
  return {{shape}, dims[0] > 0, ""};
}

/// Of several entries along a dimension, which may not be more than there are.
ShapeResult some_entries(const FittedCall& call) {
  const Shape shape = first_input(call);
  if (!shape.known) return {};
  std::string fault;
  const std::vector<int> dims = dimensions(call, "dim", shape, fault);
  if (!fault.empty()) return faulty(fault);
  const Size size = dims[0] < 0 ? fixed_size(1) : shape.sizes[dims[0]];
  const std::int64_t k = call.integer("k");
  if (size.known() && k > size.n)
    return faulty("has no " + std::to_string(k) + " entries in dimension " + call.written("dim") + " of " +
                  to_string(shape));
  if (find_argument(call, "keepdim").part != nullptr) return reduced(call);
  Shape top = shape;
  if (dims[0] >= 0) top.sizes[dims[0]] = fixed_size(k);
  return {{top, top}, dims[0] > 0, ""};
}

/// Sizes whose product is known; -1 if one is not.
std::int64_t components(const std::vector<Size>& sizes) {
  std::vector<std::int64_t> numbers;
  for (const Size& size : sizes) {
    if (!size.known()) return -1;
    numbers.push_back(size.n);
  }
  return product(numbers);
}

/// Those behind the first.
std::int64_t components_of_row(const std::vector<Size>& sizes) {
  return sizes.empty() ? -1 : components({sizes.begin() + 1, sizes.end()});
}

Shape sizes_of(const std::vector<std::int64_t>& numbers) {
  Shape shape = make_shape({});
  for (const std::int64_t n : numbers) shape.sizes.push_back(n < 0 ? Size{} : fixed_size(n));
  return shape;
}

/// Sizes for -1, if they can follow: of all components, or of rows that stay as they are.
ShapeResult reshaped(const FittedCall& call) {
  const Shape from = first_input(call);
  Shape to = sizes_of(call.integers("shape"));
  if (!from.known) return {{to}, false, ""};
  const std::int64_t n = components(from.sizes), row = components_of_row(from.sizes);
  const bool same_rows = row > 0 && row == components_of_row(to.sizes) && !to.sizes[0].known();
  const auto open = std::find_if(to.sizes.begin(), to.sizes.end(), [](const Size& size) { return !size.known(); });
  std::vector<Size> rest = to.sizes;
  if (open != to.sizes.end()) rest.erase(rest.begin() + (open - to.sizes.begin()));
  const std::int64_t others = components(rest);
  const bool fits = n < 0 || (open == to.sizes.end() ? n == others : others > 0 && n % others == 0);
  if (!fits) return faulty("cannot make " + call.written("shape") + " of a tensor of shape " + to_string(from));
  if (same_rows)
    to.sizes[0] = from.sizes[0];
  else if (open != to.sizes.end() && n >= 0)
    *open = fixed_size(n / others);
  return {{to}, same_rows, ""};
}

ShapeResult unflattened(const FittedCall& call) {
  return unflattened_shape(first_input(call), call.integer("dim"), call.integers("sizes"));
}

/// Triangles are parts of matrices, the last two dimensions.
ShapeResult triangle(const FittedCall& call) {
  const Shape shape = first_input(call);
  if (shape.known && shape.rank() < 2) return faulty("takes matrices, not a tensor of shape " + to_string(shape));
  return {{shape}, shape.known && shape.rank() > 2, ""};
}

ShapeResult matrices_transposed(const FittedCall& call) {
  ShapeResult result = triangle(call);
  if (!result.fault.empty() || !result.shapes[0].known) return result;
  std::swap(result.shapes[0].sizes.end()[-1], result.shapes[0].sizes.end()[-2]);
  return result;
}

template <int least, int most>
ShapeResult of_rank(const FittedCall& call) {
  const Shape shape = first_input(call);
  if (!shape.known || (shape.rank() >= least && shape.rank() <= most)) return {};
  return faulty("takes " + std::string(least < 2 ? "a vector or " : "") + "a matrix, not a tensor of shape " +
                to_string(shape));
}

ShapeResult diagonals(const FittedCall& call) {
  const Shape shape = first_input(call);
  if (!shape.known) return {};
  std::string fault;
  const std::vector<int> first = dimensions(call, "dim1", shape, fault),
                         second = dimensions(call, "dim2", shape, fault);
  if (fault.empty() && (first == second || shape.rank() < 2)) fault = "needs two dimensions of " + to_string(shape);
  return faulty(fault);
}

ShapeResult widened(const FittedCall& call) {
  const Shape from = first_input(call), to = sizes_of(call.integers("size"));
  if (!from.known) return {};
  const int more = to.rank() - from.rank();
  bool fits = more >= 0;
  for (int k = 0; fits && k < more; ++k) fits = to.sizes[k].known();  // -1: as it was
  for (int k = 0; fits && k < from.rank(); ++k)
    fits = from.sizes[k].n == 1 || !to.sizes[more + k].known() || may_equal(from.sizes[k], to.sizes[more + k]);
  if (!fits) return faulty("cannot widen a tensor of shape " + to_string(from) + " to " + call.written("size"));
  Shape shape = to;
  for (int k = 0; k < from.rank(); ++k)
    if (!to.sizes[more + k].known()) shape.sizes[more + k] = from.sizes[k];
  return {{shape}, false, ""};
}

ShapeResult scaled_to_norm(const FittedCall& call) {
  const Shape shape = first_input(call);
  if (shape.known && shape.rank() < 2)
    return faulty("takes tensors of two dimensions or more, not of shape " + to_string(shape));
  return dimensions_checked(call);
}

/// Products of vectors in space: along `dim`, else along the first dimension of three entries.
ShapeResult crossed(const FittedCall& call) {
  const ShapeResult result = dimensions_checked(call);
  if (!result.fault.empty()) return result;
  for (const Shape& shape : call.inputs()) {
    const int at = call.given("dim") ? dimension(shape, call.integer("dim")) : -1;
    bool fits = !shape.known;
    for (int k = 0; k < shape.rank(); ++k)
      fits = fits || ((at < 0 || k == at) && may_equal(shape.sizes[k], fixed_size(3)));
    if (!fits) return faulty("needs a dimension of three entries, not a tensor of shape " + to_string(shape));
  }
  return result;
}

/// Entries of a slice in a dimension of n, as Python counts them.
std::int64_t slice_size(const FittedCall& call, std::int64_t n) {
  const auto bound = [&](const char* name, std::int64_t otherwise) {
    const std::int64_t at = call.integer(name, otherwise);
    return std::clamp<std::int64_t>(at < 0 ? at + n : at, 0, n);
  };
  const std::int64_t step = call.integer("step"), length = bound("end", n) - bound("start", 0);
  return length <= 0 ? 0 : (length - 1) / step + 1;
}

}  // namespace

/// `start` may be a tensor.
ShapeResult narrowed(const FittedCall& call) {
  Shape shape = first_input(call);
  if (!shape.known) return {};
  if (shape.rank() == 0) return faulty("takes no number");
  std::string fault;
  const std::vector<int> dims = dimensions(call, "dim", shape, fault);
  if (!fault.empty()) return faulty(fault);
  Size& size = shape.sizes[dims[0]];
  const std::int64_t start = call.integer("start"), length = call.integer("length");
  const std::int64_t from = start < 0 && size.known() ? start + size.n : start;
  if (size.known() && (from < 0 || length > size.n - from))
    return faulty("has no " + std::to_string(length) + " entries from " + std::to_string(start) + " on in dimension " +
                  call.written("dim") + " of " + to_string(shape));
  size = fixed_size(length);
  return {{shape}, dims[0] > 0, ""};
}

/// Parts along a dimension, which must be their sum, or of one size above 0.
ShapeResult split_by_sizes(const FittedCall& call) {
  const ShapeResult result = dimensions_checked(call);
  const char* argument = find_argument(call, "split_sizes").part != nullptr ? "split_sizes" : "split_size_or_sections";
  const Shape shape = first_input(call);
  const int at = dimension(shape, call.integer("dim"));
  if (!result.fault.empty() || at < 0 || !shape.sizes[at].known()) return result;
  const bool list = find_argument(call, argument).argument().type.list;
  std::int64_t left = shape.sizes[at].n;
  if (!list && (left == 0 || call.integer(argument) > 0)) return result;
  for (const std::int64_t n : call.integers(argument)) left = n < 0 || n > left ? -1 : left - n;
  if (list && left == 0) return result;
  return faulty("cannot split dimension " + call.written("dim") + " of " + to_string(shape) + " into " +
                call.written(argument));
}

ShapeResult slice_scattered(const FittedCall& call) {
  const Shape shape = call.input("input"), part = call.input("src");
  const int at = dimension(shape, call.integer("dim"));
  if (!shape.known) return {};
  if (at < 0) return faulty("has no dimension " + call.written("dim") + " in " + to_string(shape));
  Shape slice = shape;
  Size& size = slice.sizes[at];
  size = size.known() ? fixed_size(slice_size(call, size.n)) : Size{};
  bool fits = !part.known || part.rank() == slice.rank();
  for (int k = 0; part.known && fits && k < part.rank(); ++k) fits = may_equal(part.sizes[k], slice.sizes[k]);
  if (!fits)
    return faulty("takes a tensor of shape " + to_string(slice) + " as 'src', not of shape " + to_string(part));
  return {{shape}, at > 0 && part.known, ""};
}

ShapeResult unflattened_shape(Shape shape, std::int64_t dim, const std::vector<std::int64_t>& sizes) {
  if (!shape.known) return {};
  const int at = dimension(shape, dim);
  if (at < 0) return faulty("has no dimension " + std::to_string(dim) + " in " + to_string(shape));
  std::vector<Size> parts = sizes_of(sizes).sizes;
  const auto open = std::find_if(parts.begin(), parts.end(), [](const Size& size) { return !size.known(); });
  std::vector<Size> rest = parts;
  if (open != parts.end()) rest.erase(rest.begin() + (open - parts.begin()));
  const std::int64_t others = components(rest);
  const Size& whole = shape.sizes[at];
  const bool fits = !whole.known() || (open == parts.end() ? whole.n == others : others > 0 && whole.n % others == 0);
  if (!fits)
    return faulty("cannot divide dimension " + std::to_string(dim) + " of " + to_string(shape) + " into " +
                  list_text(sizes));
  if (open != parts.end() && whole.known()) *open = fixed_size(whole.n / others);
  shape.sizes.erase(shape.sizes.begin() + at);
  shape.sizes.insert(shape.sizes.begin() + at, parts.begin(), parts.end());
  return {{shape}, at > 0, ""};
}

const std::map<std::string, ShapeRule>& dimension_rules() {
  static const std::map<std::string, ShapeRule> rules = [] {
    std::map<std::string, ShapeRule> all = {
        {"transpose", transposed}, {"swapaxes", transposed},   {"swapdims", transposed},
        {"t", matrix_transposed},  {"permute", permuted},      {"unsqueeze", unsqueezed},
        {"squeeze", squeezed},     {"select", selected},       {"narrow", narrowed},
        {"topk", some_entries},    {"kthvalue", some_entries}, {"reshape", reshaped},
        {"flatten", flattened},    {"unflatten", unflattened}, {"split_with_sizes", split_by_sizes},
        {"tril", triangle},        {"triu", triangle},         {"adjoint", matrices_transposed},
        {"diag", of_rank<1, 2>},   {"trace", of_rank<2, 2>},   {"diagonal", diagonals},
        {"broadcast_to", widened}, {"cross", crossed},         {"linalg.cross", crossed},
        {"renorm", scaled_to_norm}};
    for (const char* name : {"flip", "roll", "sort", "argsort", "cummax", "cummin"}) all[name] = along_dimensions;
    for (const char* name :
         {"all", "any", "count_nonzero", "std_mean", "var_mean", "median", "nanmedian", "mode", "aminmax", "nanmean"})
      all[name] = reduced;
    for (const char* name : {"unbind",
                             "chunk",
                             "tensor_split",
                             "gather",
                             "index_select",
                             "take_along_dim",
                             "scatter",
                             "scatter_add",
                             "index_add",
                             "index_copy",
                             "index_fill",
                             "diff",
                             "quantile",
                             "nanquantile",
                             "movedim",
                             "moveaxis",
                             "repeat_interleave",
                             "trapezoid",
                             "trapz",
                             "cumulative_trapezoid",
                             "rot90",
                             "fft.fft",
                             "fft.ifft",
                             "fft.rfft",
                             "fft.irfft",
                             "fft.hfft",
                             "fft.ihfft"})
      all[name] = dimensions_checked;
    std::map<std::string, ShapeRule> named;
    for (const auto& [name, rule] : all) named["torch." + name] = rule;
    return named;
  }();
  return rules;
}

}  // namespace kiln
