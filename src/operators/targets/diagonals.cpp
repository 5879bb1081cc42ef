#include <algorithm>
#include <cstdlib>

#include "operators/targets/shape_rules.h"

namespace kiln {

namespace {

/// A matrix with n numbers along a diagonal that is moved by `offset`.
Size side_of(const Size& n, std::int64_t offset) { return n.known() ? fixed_size(n.n + std::abs(offset)) : Size{}; }

/// A vector becomes a matrix, a matrix its diagonal.
ShapeResult diagonal_or_matrix(const FittedCall& call) {
  const Shape shape = first_input(call);
  const std::int64_t offset = call.integer("diagonal");
  if (!shape.known) return {};
  if (shape.rank() < 1 || shape.rank() > 2)
    return faulty("takes a vector or a matrix, not a tensor of shape " + to_string(shape));
  if (shape.rank() == 2) {
    const Size &rows = shape.sizes[0], &columns = shape.sizes[1];
    const bool outside = (columns.known() && offset > columns.n) || (rows.known() && -offset > rows.n);
    if (outside) return faulty("has no diagonal " + std::to_string(offset) + " in " + to_string(shape));
    return {{make_shape({diagonal_size(rows, columns, offset)})}, false, ""};
  }
  const Size side = side_of(shape.sizes[0], offset);
  return {{make_shape({side, side})}, false, ""};
}

/// All numbers of a tensor, one behind the other, become a diagonal.
ShapeResult flat_diagonal(const FittedCall& call) {
  const Shape shape = first_input(call);
  if (!shape.known) return {};
  const Size side = side_of(n_components(shape), call.integer("offset"));
  return {{make_shape({side, side})}, false, ""};
}

/// The diagonal goes behind the dimensions that stay.
ShapeResult diagonals(const FittedCall& call) {
  const Shape shape = first_input(call);
  if (!shape.known) return {};
  std::string fault;
  const std::vector<int> first = dimensions(call, "dim1", shape, fault),
                         second = dimensions(call, "dim2", shape, fault);
  if (fault.empty() && (first == second || shape.rank() < 2)) fault = "needs two dimensions of " + to_string(shape);
  if (!fault.empty()) return faulty(fault);
  Shape rest = make_shape({});
  for (int k = 0; k < shape.rank(); ++k)
    if (k != first[0] && k != second[0]) rest.sizes.push_back(shape.sizes[k]);
  rest.sizes.push_back(diagonal_size(shape.sizes[first[0]], shape.sizes[second[0]], call.integer("offset")));
  return {{rest}, first[0] > 0 && second[0] > 0, ""};
}

/// The last dimension becomes a diagonal of two, which stand where they are told in the result.
ShapeResult embedded_diagonals(const FittedCall& call) {
  const Shape shape = first_input(call);
  if (!shape.known) return {};
  if (shape.rank() == 0) return faulty("takes no number: it has no dimension");
  Shape wider = shape;
  wider.sizes.push_back(Size{});
  const std::int64_t dims[] = {call.integer("dim1"), call.integer("dim2")};
  const int first = dimension(wider, dims[0]), second = dimension(wider, dims[1]);
  if (first < 0 || second < 0 || first == second)
    return faulty("needs two dimensions of the " + std::to_string(wider.rank()) + " of its result, not " +
                  std::to_string(dims[0]) + " and " + std::to_string(dims[1]));
  const Size side = side_of(shape.sizes.back(), call.integer("offset"));
  Shape result = make_shape({shape.sizes.begin(), shape.sizes.end() - 1});
  for (const int at : {std::min(first, second), std::max(first, second)})
    result.sizes.insert(result.sizes.begin() + at, side);
  return {{result}, first > 0 && second > 0 && shape.rank() > 1, ""};
}

}  // namespace

Size diagonal_size(const Size& rows, const Size& columns, std::int64_t offset) {
  if (!rows.known() || !columns.known()) return {};
  const std::int64_t below = std::min<std::int64_t>(offset, 0), above = std::max<std::int64_t>(offset, 0);
  return fixed_size(std::max<std::int64_t>(std::min(rows.n + below, columns.n - above), 0));
}

const ShapeRules& diagonal_rules() {
  static const ShapeRules rules = {{"torch.diag", diagonal_or_matrix},
                                   {"torch.diag_embed", embedded_diagonals},
                                   {"torch.diagflat", flat_diagonal},
                                   {"torch.diagonal", diagonals}};
  return rules;
}

}  // namespace kiln
