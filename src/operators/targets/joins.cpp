#include <algorithm>

#include "operators/targets/target_table.h"

namespace kiln {

namespace {

ShapeResult cannot_join(const Shape& a, const Shape& b) {
  return faulty("cannot join tensors of shapes " + to_string(a) + " and " + to_string(b));
}

/// torch.cat leaves such tensors out, whatever the others are.
bool is_empty_list(const Shape& shape) { return shape.known && shape.rank() == 1 && shape.sizes[0].n == 0; }

bool agree_but_in(int dim, const Shape& a, const Shape& b) {
  bool fits = a.rank() == b.rank();
  for (int k = 0; fits && k < a.rank(); ++k) fits = k == dim || may_equal(a.sizes[k], b.sizes[k]);
  return fits;
}

/// Tensors one behind the other along a dimension of the first.
ShapeResult joined_along(std::int64_t along, std::vector<Shape> parts) {
  parts.erase(std::remove_if(parts.begin(), parts.end(), is_empty_list), parts.end());
  if (parts.empty() || !parts[0].known) return {};
  Shape shape = parts[0];
  const int dim = dimension(shape, along);
  if (dim < 0) return faulty("has no dimension " + std::to_string(along) + " in " + to_string(shape));
  for (std::size_t p = 1; p < parts.size(); ++p) {
    if (!parts[p].known) return {};
    if (!agree_but_in(dim, parts[p], shape)) return cannot_join(shape, parts[p]);
    Size& sum = shape.sizes[dim];
    const Size& more = parts[p].sizes[dim];
    sum = sum.known() && more.known() ? fixed_size(sum.n + more.n) : Size{};
  }
  return {{shape}, dim > 0, ""};
}

ShapeResult concatenated(const FittedCall& call) { return joined_along(call.integer("dim", 0), call.inputs()); }

ShapeResult stacked(const FittedCall& call) {
  const std::vector<Shape> parts = call.inputs();
  for (const Shape& part : parts) {
    if (!part.known) return {};
    if (!agree_but_in(-1, part, parts[0])) return cannot_join(parts[0], part);
  }
  if (parts.empty()) return {};
  Shape shape = parts[0];
  const std::int64_t dim = call.integer("dim", 0), at = dim < 0 ? dim + shape.rank() + 1 : dim;
  if (at < 0 || at > shape.rank()) return faulty("has no dimension " + std::to_string(dim) + " in " + to_string(shape));
  shape.sizes.insert(shape.sizes.begin() + at, fixed_size(static_cast<std::int64_t>(parts.size())));
  return {{shape}, at > 0, ""};
}

// --- tensors of few dimensions get more before they are joined ---

/// A number is a vector of one.
Shape at_least_vector(Shape shape) {
  if (shape.known && shape.rank() == 0) shape.sizes = {fixed_size(1)};
  return shape;
}
/// A vector is a row.
Shape at_least_row(Shape shape) {
  shape = at_least_vector(shape);
  if (shape.known && shape.rank() == 1) shape.sizes.insert(shape.sizes.begin(), fixed_size(1));
  return shape;
}
/// A vector is a column.
Shape at_least_column(Shape shape) {
  shape = at_least_vector(shape);
  if (shape.known && shape.rank() == 1) shape.sizes.push_back(fixed_size(1));
  return shape;
}
/// A matrix is one of depth 1.
Shape at_least_depth(Shape shape) {
  shape = at_least_row(shape);
  if (shape.known && shape.rank() == 2) shape.sizes.push_back(fixed_size(1));
  return shape;
}

/// Rows stay where all tensors have them: as many dimensions each, of which the first is none that was added.
ShapeResult joined_when(Shape (*raised)(Shape), const FittedCall& call, int dim, int least_rank) {
  const std::vector<Shape> given = call.inputs();
  std::vector<Shape> parts(given.size());
  std::transform(given.begin(), given.end(), parts.begin(), raised);
  ShapeResult result = joined_along(dim, parts);
  const bool rows = std::all_of(given.begin(), given.end(), [&](const Shape& shape) {
    return shape.rank() >= least_rank && shape.rank() == given[0].rank();
  });
  result.row_wise = result.row_wise && rows;
  return result;
}

ShapeResult side_by_side(const FittedCall& call) {
  const Shape first = first_input(call);
  return joined_when(at_least_vector, call, first.known && first.rank() < 2 ? 0 : 1, 2);
}
ShapeResult one_below_another(const FittedCall& call) { return joined_when(at_least_row, call, 0, 2); }
ShapeResult as_columns(const FittedCall& call) { return joined_when(at_least_column, call, 1, 1); }
ShapeResult one_behind_another(const FittedCall& call) { return joined_when(at_least_depth, call, 2, 2); }

/// The first tensor of more dimensions.
ShapeResult of_dimensions(const FittedCall& call, int least, int most, const char* what) {
  for (const Shape& shape : call.inputs())
    if (shape.known && (shape.rank() < least || shape.rank() > most))
      return faulty("takes " + std::string(what) + ", not a tensor of shape " + to_string(shape));
  return {};
}

}  // namespace

ShapeResult joined_as_products(const FittedCall& call) { return of_dimensions(call, 1, 1, "vectors"); }

/// Numbers and vectors are rows.
ShapeResult joined_as_blocks(const FittedCall& call) {
  const ShapeResult result = of_dimensions(call, 0, 2, "matrices at most");
  if (!result.fault.empty() || call.inputs().empty()) return result;  // or a list of unknown length
  Size rows = fixed_size(0), columns = fixed_size(0);
  const auto add = [](Size& sum, const Size& more) {
    sum = sum.known() && more.known() ? fixed_size(sum.n + more.n) : Size{};
  };
  for (const Shape& part : call.inputs()) {
    if (!part.known) return {};
    add(rows, at_least_row(part).sizes[0]);
    add(columns, at_least_row(part).sizes[1]);
  }
  return {{make_shape({rows, columns})}, false, ""};
}

ShapeResult spread_over_mesh(const FittedCall& call) { return of_dimensions(call, 0, 1, "vectors at most"); }

const ShapeRules& joining_rules() {
  static const ShapeRules rules = {
      {"torch.cat", concatenated},        {"torch.concat", concatenated},       {"torch.stack", stacked},
      {"torch.hstack", side_by_side},     {"torch.vstack", one_below_another},  {"torch.row_stack", one_below_another},
      {"torch.column_stack", as_columns}, {"torch.dstack", one_behind_another},
  };
  return rules;
}

}  // namespace kiln
