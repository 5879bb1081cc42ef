#include <algorithm>
#include <set>

#include "operators/targets/target_table.h"

namespace kiln {

namespace {

constexpr const char* kDimensions[] = {"dim", "dims"};

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

/// Dimensions go to other places; the others stay in order.
ShapeResult moved(const FittedCall& call) {
  const Shape shape = first_input(call);
  if (!shape.known) return {};
  std::vector<std::int64_t> dims = call.integers("source");
  for (const std::int64_t dim : call.integers("destination")) dims.push_back(dim);
  std::string fault = fault_of_dimensions(shape, dims);
  const std::vector<int> from = dimensions(call, "source", shape, fault);
  const std::vector<int> to = dimensions(call, "destination", shape, fault);
  if (!fault.empty()) return faulty(fault);
  if (shape.rank() == 0) return {};  // a number
  std::vector<int> order(shape.rank(), -1);
  for (std::size_t k = 0; k < from.size(); ++k) order[to[k]] = from[k];
  int next = 0;
  for (int& at : order) {
    if (at >= 0) continue;
    while (std::find(from.begin(), from.end(), next) != from.end()) ++next;
    at = next++;
  }
  Shape turned = make_shape({});
  for (const int at : order) turned.sizes.push_back(shape.sizes[at]);
  return {{turned}, order[0] == 0, ""};
}

/// So many copies side by side; dimensions that are missing are put before the others.
ShapeResult tiled(const FittedCall& call) {
  Shape shape = first_input(call);
  std::vector<std::int64_t> copies = call.integers("dims");
  if (!shape.known) return {};
  const int rank = std::max(shape.rank(), static_cast<int>(copies.size()));
  const bool same_rank = shape.rank() == rank;
  shape.sizes.insert(shape.sizes.begin(), rank - shape.rank(), fixed_size(1));
  copies.insert(copies.begin(), rank - copies.size(), 1);
  for (int k = 0; k < rank; ++k) {
    Size& size = shape.sizes[k];
    if (copies[k] != 1) size = size.known() ? fixed_size(product({size.n, copies[k]})) : Size{};
  }
  return {{shape}, rank > 0 && same_rank && copies[0] == 1, ""};
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

/// Sizes whose product is known; -1 if one is not.
std::int64_t components(const std::vector<Size>& sizes) { return n_components(make_shape(sizes)).n; }

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
  if (first_input(call).known && first_input(call).rank() == 0) return same_as_first(call);
  ShapeResult result = triangle(call);
  if (!result.fault.empty() || !result.shapes[0].known) return result;
  std::swap(result.shapes[0].sizes.end()[-1], result.shapes[0].sizes.end()[-2]);
  return result;
}

ShapeResult of_matrix(const FittedCall& call) {
  const Shape shape = first_input(call);
  if (!shape.known || shape.rank() == 2) return {};
  return faulty("takes a matrix, not a tensor of shape " + to_string(shape));
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

/// Vectors stretch to each other; where nothing says along which dimension they lie, any may be it.
ShapeResult product_along(const FittedCall& call) {
  ShapeResult result = broadcast(call);
  const Shape shape = first_input(call);
  result.row_wise = result.row_wise && call.given("dim") && dimension(shape, call.integer("dim")) > 0;
  return result;
}

/// Products of vectors in space: along `dim`, else along the first dimension of three entries.
ShapeResult crossed(const FittedCall& call) {
  const ShapeResult result = dimensions_checked(call);
  if (!result.fault.empty()) return result;
  const Shape a = nth_input(call, 0), b = nth_input(call, 1);
  if (a.known && b.known && a.rank() != b.rank())
    return faulty("takes two tensors of as many dimensions, not of shapes " + to_string(a) + " and " + to_string(b));
  for (const Shape& shape : call.inputs()) {
    const int at = call.given("dim") ? dimension(shape, call.integer("dim")) : -1;
    bool fits = !shape.known;
    for (int k = 0; k < shape.rank(); ++k)
      fits = fits || ((at < 0 || k == at) && may_equal(shape.sizes[k], fixed_size(3)));
    if (!fits) return faulty("needs a dimension of three entries, not a tensor of shape " + to_string(shape));
  }
  return result.fault.empty() ? product_along(call) : result;
}

/// What has no dimension is refused, whatever is said of others.
template <ShapeRule rule>
ShapeResult of_no_number(const FittedCall& call) {
  const Shape shape = first_input(call);
  if (shape.known && shape.rank() == 0) return faulty("takes no number: it has no dimension");
  return rule(call);
}

/// A number may be turned as a whole, but has nothing to name.
ShapeResult rolled(const FittedCall& call) {
  return call.integers("dims").empty() ? along_dimensions(call) : of_no_number<along_dimensions>(call);
}
ShapeResult repeated(const FittedCall& call) {
  return call.given("dim") ? of_no_number<dimensions_checked>(call) : dimensions_checked(call);
}

/// What is put before or behind must be as large but along the dimension.
std::string fault_of_neighbor(const FittedCall& call, const char* name, const Shape& shape, int dim) {
  const Shape other = call.input(name);
  bool fits = !other.known || other.rank() == shape.rank();
  for (int k = 0; fits && other.known && k < shape.rank(); ++k)
    fits = k == dim || may_equal(shape.sizes[k], other.sizes[k]);
  return fits ? "" : "takes no '" + std::string(name) + "' of shape " + to_string(other) + " for " + to_string(shape);
}

/// Of order zero nothing is looked at but what is put before and behind.
ShapeResult differences(const FittedCall& call) {
  const std::int64_t order = call.integer("n");
  Shape shape = first_input(call);
  const bool alone = !call.given("prepend") && !call.given("append");
  if (order < 0) return {};
  if (!shape.known || (order == 0 && alone)) return {{shape}, shape.rank() > 0, ""};
  std::string fault;
  const int dim = dimensions(call, "dim", shape, fault)[0];
  for (const char* name : {"prepend", "append"})
    if (fault.empty()) fault = fault_of_neighbor(call, name, shape, dim);
  if (!fault.empty()) return faulty(fault);
  if (order == 0) return {{shape}, true, ""};
  Size& size = shape.sizes[dim];
  for (const char* name : {"prepend", "append"}) {
    const Shape more = call.input(name);
    const Size added = more.known ? more.sizes[dim] : call.given(name) ? Size{} : fixed_size(0);
    size = size.known() && added.known() ? fixed_size(size.n + added.n) : Size{};
  }
  if (size.known()) size = fixed_size(std::max<std::int64_t>(size.n - order, 0));
  return {{shape}, dim > 0 && alone, ""};
}

template <int least>
ShapeResult reversed(const FittedCall& call) {
  const Shape shape = first_input(call);
  if (!shape.known) return {};
  if (shape.rank() < least)
    return faulty("takes tensors of " + std::string(least == 1 ? "one dimension" : "two dimensions") +
                  " or more, not of shape " + to_string(shape));
  return {{shape}, least == 2, ""};
}

}  // namespace

/// The dimensions that an argument names; those that are not there give a fault. A number has none of its own.
std::vector<int> dimensions(const FittedCall& call, const char* argument, const Shape& shape, std::string& fault) {
  std::vector<int> all;
  if (find_argument(call, argument).part == nullptr) return all;
  const std::vector<std::int64_t> dims = call.integers(argument);
  if (fault.empty()) fault = fault_of_dimensions(shape, dims);
  for (const std::int64_t dim : dims) all.push_back(dimension(shape, dim));
  const bool may_repeat = call.parts.back().signature.name == "torch.roll";  // one after the other
  const std::set<int> distinct(all.begin(), all.end());
  const bool twice = distinct.size() < all.size() && shape.rank() > 0 && !may_repeat;
  if (fault.empty() && twice) fault = "is given a dimension twice: " + call.written(argument);
  return all;
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

const ShapeRules& dimension_rules() {
  static const ShapeRules rules = [] {
    ShapeRules all = {{"transpose", transposed},
                      {"swapaxes", transposed},
                      {"swapdims", transposed},
                      {"t", matrix_transposed},
                      {"permute", permuted},
                      {"unsqueeze", unsqueezed},
                      {"squeeze", squeezed},
                      {"reshape", reshaped},
                      {"flatten", flattened},
                      {"unflatten", unflattened},
                      {"tril", triangle},
                      {"triu", triangle},
                      {"adjoint", matrices_transposed},
                      {"trace", of_matrix},
                      {"broadcast_to", widened},
                      {"cross", crossed},
                      {"linalg.cross", crossed},
                      {"renorm", scaled_to_norm},
                      {"roll", rolled},
                      {"repeat_interleave", repeated},
                      {"tile", tiled},
                      {"movedim", moved},
                      {"moveaxis", moved},
                      {"diff", of_no_number<differences>},
                      {"flipud", reversed<1>},
                      {"fliplr", reversed<2>}};
    for (const char* name : {"flip", "sort", "argsort", "cummax", "cummin"}) all[name] = along_dimensions;
    for (const char* name :
         {"all", "any", "count_nonzero", "std_mean", "var_mean", "median", "nanmedian", "mode", "aminmax", "nanmean"})
      all[name] = reduced;
    for (const char* name : {"trapezoid", "trapz", "cumulative_trapezoid", "rot90"})
      all[name] = of_no_number<dimensions_checked>;
    ShapeRules named;
    for (const auto& [name, rule] : all) named["torch." + name] = rule;
    return named;
  }();
  return rules;
}

}  // namespace kiln
