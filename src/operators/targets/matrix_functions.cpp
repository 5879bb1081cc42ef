#include "operators/targets/target_table.h"

namespace kiln {

namespace {

std::string fault_of_matrix(const Shape& shape) {
  return shape.known && shape.rank() < 2 ? "takes matrices, not a tensor of shape " + to_string(shape) : "";
}

std::string fault_of_square(const Shape& shape) {
  if (!shape.known || (shape.rank() >= 2 && may_equal(shape.sizes.end()[-1], shape.sizes.end()[-2]))) return "";
  return "takes square matrices, not a tensor of shape " + to_string(shape);
}

ShapeResult of_matrices(const FittedCall& call) { return faulty(fault_of_matrix(first_input(call))); }
ShapeResult of_square_matrices(const FittedCall& call) { return faulty(fault_of_square(first_input(call))); }

/// A square matrix for every square matrix.
ShapeResult square_of_square(const FittedCall& call) {
  const Shape shape = first_input(call);
  const std::string fault = fault_of_square(shape);
  return fault.empty() ? ShapeResult{{shape}, shape.known && shape.rank() > 2, ""} : faulty(fault);
}

/// A number for every square matrix.
ShapeResult number_of_square(const FittedCall& call) {
  ShapeResult result = square_of_square(call);
  if (!result.fault.empty() || !result.shapes[0].known) return result;
  result.shapes[0].sizes.resize(result.shapes[0].rank() - 2);
  return result;
}

/// Eigenvalues, and a matrix of eigenvectors.
ShapeResult spectrum(const FittedCall& call) {
  ShapeResult result = square_of_square(call);
  if (!result.fault.empty()) return result;
  const bool vectors = call.parts.front().signature.results.size() > 1;
  Shape values = result.shapes[0];
  if (values.known) values.sizes.pop_back();
  result.shapes = vectors ? std::vector<Shape>{values, result.shapes[0]} : std::vector<Shape>{values};
  return result;
}

ShapeResult of_matrix_at_most(const FittedCall& call) {
  const Shape shape = first_input(call);
  if (!shape.known || shape.rank() <= 2) return {};
  return faulty("takes a matrix at most, not a tensor of shape " + to_string(shape));
}

ShapeResult nuclear_norm(const FittedCall& call) {
  const Shape shape = first_input(call);
  const bool all = find_argument(call, "dim").part == nullptr;
  const bool fits = !shape.known || (all ? shape.rank() == 2 : shape.rank() > 1);
  return faulty(fits ? "" : "takes a matrix, not a tensor of shape " + to_string(shape));
}

ShapeResult of_vector(const FittedCall& call) {
  const Shape shape = first_input(call);
  if (!shape.known || shape.rank() == 1) return {};
  return faulty("takes a vector, not a tensor of shape " + to_string(shape));
}

/// Dimensions before and behind `ind`, which must have as many components, change places.
ShapeResult tensor_inverse(const FittedCall& call) {
  const Shape shape = first_input(call);
  const std::int64_t ind = call.integer("ind");
  if (ind < 1) return faulty("needs ind of 1 or more, not " + std::to_string(ind));
  if (!shape.known) return {};
  if (ind > shape.rank()) return faulty("has no " + std::to_string(ind) + " dimensions in " + to_string(shape));
  const auto middle = shape.sizes.begin() + ind;
  const Shape before = make_shape({shape.sizes.begin(), middle}), behind = make_shape({middle, shape.sizes.end()});
  if (!may_equal(n_components(before), n_components(behind)))
    return faulty("cannot part " + to_string(shape) + " before dimension " + std::to_string(ind) +
                  " into halves of as many components");
  Shape turned = behind;
  turned.sizes.insert(turned.sizes.end(), before.sizes.begin(), before.sizes.end());
  return {{turned}, false, ""};
}

std::string fault_of_equation(const Shape& matrix, const Shape& right) {
  return "cannot solve for matrices of shape " + to_string(matrix) + " and right sides of shape " + to_string(right);
}

std::string fault_of_right_sides(const Shape& matrix, const Shape& right) {
  if (!matrix.known || !right.known) return "";
  const bool fits = right.rank() >= 2 && may_equal(right.sizes.end()[-2], matrix.sizes.end()[-1]);
  return fits ? "" : fault_of_equation(matrix, right);
}

std::string fault_of_solution(const FittedCall& call, const Shape& matrix, const Shape& right) {
  const std::string fault = fault_of_square(matrix);
  const bool from_the_left = find_argument(call, "left").part == nullptr || call.boolean("left");
  return fault.empty() && from_the_left ? fault_of_right_sides(matrix, right) : fault;
}

Shape without_last(Shape shape) {
  shape.sizes.pop_back();
  return shape;
}

/// The right side may be a vector, or one for each of a batch.
ShapeResult solved_linear(const FittedCall& call) {
  const Shape matrix = nth_input(call, 0), right = nth_input(call, 1);
  const std::string fault = fault_of_square(matrix);
  if (!fault.empty() || !matrix.known || !right.known) return faulty(fault);
  const bool is_vector =
      right.rank() == 1 ? may_equal(right.sizes[0], matrix.sizes.back()) : may_equal(right, without_last(matrix));
  if (is_vector && !call.boolean("left") && !may_equal(matrix.sizes.back(), fixed_size(1)))
    return faulty(fault_of_equation(matrix, right));                                           // a vector is a column
  if (is_vector && right.rank() > 1 && !surely_equal(right, without_last(matrix))) return {};  // or a matrix for all
  if (is_vector) return {{without_last(matrix)}, right.rank() > 1, ""};
  const std::string fault_of_sides = fault_of_solution(call, matrix, right);
  if (!fault_of_sides.empty() || right.rank() < 2) return faulty(fault_of_sides);
  Shape solution;
  if (!broadcast_shapes(without_last(without_last(matrix)), without_last(without_last(right)), solution)) return {};
  solution.sizes.insert(solution.sizes.end(), right.sizes.end() - 2, right.sizes.end());
  return {{solution}, right.rank() > 2 && right.rank() == matrix.rank(), ""};
}

/// Of rows for which there is a number, or several, on the right side.
ShapeResult solved_nearly(const FittedCall& call) {
  const Shape matrix = nth_input(call, 0), right = nth_input(call, 1);
  const std::string fault = fault_of_matrix(matrix);
  if (!fault.empty() || !matrix.known || !right.known) return faulty(fault);
  const Shape rows = without_last(matrix);
  const bool vectors = right.rank() == rows.rank() && may_equal(right.sizes.back(), rows.sizes.back());
  const bool matrices = right.rank() == matrix.rank() && may_equal(right.sizes.end()[-2], rows.sizes.back());
  Shape batch;
  const bool fits = (vectors && broadcast_shapes(without_last(rows), without_last(right), batch)) ||
                    (matrices && broadcast_shapes(without_last(rows), without_last(without_last(right)), batch));
  return faulty(fits ? "" : fault_of_equation(matrix, right));
}
ShapeResult solved_triangular(const FittedCall& call) {
  return faulty(fault_of_solution(call, nth_input(call, 0), nth_input(call, 1)));
}
ShapeResult solved_by_cholesky(const FittedCall& call) {
  return faulty(fault_of_solution(call, nth_input(call, 1), nth_input(call, 0)));
}

}  // namespace

/// All rows of one matrix against all of the other; batches stretch.
ShapeResult all_distances(const FittedCall& call) {
  const Shape a = call.input("x1"), b = call.input("x2");
  for (const Shape& shape : {a, b})
    if (!fault_of_matrix(shape).empty()) return faulty(fault_of_matrix(shape));
  if (!a.known || !b.known) return {};
  const Shape of_a = make_shape({a.sizes.begin(), a.sizes.end() - 2}),
              of_b = make_shape({b.sizes.begin(), b.sizes.end() - 2});
  Shape shape;
  if (!may_equal(a.sizes.back(), b.sizes.back()) || !broadcast_shapes(of_a, of_b, shape))
    return faulty("cannot compare the rows of tensors of shapes " + to_string(a) + " and " + to_string(b));
  shape.sizes.push_back(a.sizes.end()[-2]);
  shape.sizes.push_back(b.sizes.end()[-2]);
  return {{shape}, false, ""};
}

const ShapeRules& square_rules() {
  static const ShapeRules rules = [] {
    ShapeRules all = {{"torch.cov", of_matrix_at_most},
                      {"torch.corrcoef", of_matrix_at_most},
                      {"torch.combinations", of_vector},
                      {"torch.nuclear_norm", nuclear_norm},
                      {"torch.vander", of_vector},
                      {"torch.linalg.tensorinv", tensor_inverse},
                      {"torch.linalg.lstsq", solved_nearly},
                      {"torch.linalg.solve", solved_linear},
                      {"torch.linalg.solve_triangular", solved_triangular},
                      {"torch.cholesky_solve", solved_by_cholesky}};
    for (const char* name : {"inverse", "linalg.inv", "matrix_power", "linalg.matrix_power", "matrix_exp",
                             "linalg.matrix_exp", "cholesky", "linalg.cholesky", "cholesky_inverse"})
      all["torch." + std::string(name)] = square_of_square;
    for (const char* name : {"det", "linalg.det", "logdet"}) all["torch." + std::string(name)] = number_of_square;
    for (const char* name : {"linalg.eigh", "linalg.eigvalsh"}) all["torch." + std::string(name)] = spectrum;
    for (const char* name : {"slogdet", "linalg.slogdet", "linalg.inv_ex", "linalg.cholesky_ex", "linalg.eig",
                             "linalg.eigvals", "linalg.ldl_factor"})
      all["torch." + std::string(name)] = of_square_matrices;
    for (const char* name :
         {"pinverse", "linalg.pinv", "linalg.lu", "linalg.lu_factor", "linalg.matrix_norm", "linalg.cond",
          "linalg.matrix_rank", "linalg.qr", "qr", "linalg.svd", "svd", "linalg.svdvals"})
      all["torch." + std::string(name)] = of_matrices;
    return all;
  }();
  return rules;
}

}  // namespace kiln
