#include <algorithm>

#include "operators/targets/target_table.h"

namespace kiln {

namespace {

ShapeResult cannot_multiply(const Shape& a, const Shape& b) {
  ShapeResult result;
  result.fault = "cannot multiply tensors of shapes " + to_string(a) + " and " + to_string(b);
  return result;
}

/// All dimensions but the last two.
Shape batch_of(const Shape& shape) {
  const int n = std::max(shape.rank() - 2, 0);
  return make_shape({shape.sizes.begin(), shape.sizes.begin() + n});
}

/// Rows are those of the batch, else those of the first factor; a factor without them must be the same for all.
bool product_keeps_rows(const Shape& a, const Shape& b) {
  const int rank = std::max(a.rank(), b.rank());
  if (rank <= 2) return a.rank() == 2 && all_known(b);
  return (a.rank() == rank || all_known(a)) && (b.rank() == rank || all_known(b));
}

/// Vectors, matrices, and batches of matrices, as torch.matmul takes them.
ShapeResult product_of(const Shape& a, const Shape& b) {
  ShapeResult result;
  if (!a.known || !b.known) return result;
  if (a.rank() == 0 || b.rank() == 0) return cannot_multiply(a, b);
  const Size& rows = b.sizes[b.rank() == 1 ? 0 : b.rank() - 2];
  Shape shape;
  if (!may_equal(a.sizes.back(), rows) || !broadcast_shapes(batch_of(a), batch_of(b), shape))
    return cannot_multiply(a, b);
  if (a.rank() > 1) shape.sizes.push_back(a.sizes[a.rank() - 2]);
  if (b.rank() > 1) shape.sizes.push_back(b.sizes.back());
  return {{shape}, product_keeps_rows(a, b), ""};
}

/// The product of factors of fixed numbers of dimensions; batches must be equal.
ShapeResult product_of(const Shape& a, int rank_of_a, const Shape& b, int rank_of_b) {
  if ((a.known && a.rank() != rank_of_a) || (b.known && b.rank() != rank_of_b)) {
    ShapeResult result;
    result.fault = "takes tensors of " + std::to_string(rank_of_a) + " and " + std::to_string(rank_of_b) +
                   " dimensions, not of shapes " + to_string(a) + " and " + to_string(b);
    return result;
  }
  const bool batched = a.known && b.known && rank_of_a == 3 && rank_of_b == 3;
  if (batched && !may_equal(a.sizes[0], b.sizes[0])) return cannot_multiply(a, b);
  return product_of(a, b);
}

/// `added` must stretch to the product's shape.
ShapeResult sum_with(const Shape& added, ShapeResult product) {
  if (!product.fault.empty() || product.shapes.empty() || !added.known) {
    product.row_wise = product.row_wise && added.known;
    return product;
  }
  const Shape& shape = product.shapes[0];
  const int behind = shape.rank() - added.rank();
  bool fits = behind >= 0;
  for (int k = 0; fits && k < added.rank(); ++k)
    fits = added.sizes[k].n == 1 || may_equal(added.sizes[k], shape.sizes[behind + k]);
  if (!fits) product.fault = "cannot add " + to_string(added) + " to a product of shape " + to_string(shape);
  product.row_wise = product.row_wise && (behind == 0 || all_known(added));
  return product;
}

ShapeResult matmul(const FittedCall& call) { return product_of(nth_input(call, 0), nth_input(call, 1)); }
ShapeResult mm(const FittedCall& call) { return product_of(nth_input(call, 0), 2, nth_input(call, 1), 2); }
ShapeResult bmm(const FittedCall& call) { return product_of(nth_input(call, 0), 3, nth_input(call, 1), 3); }
ShapeResult mv(const FittedCall& call) { return product_of(nth_input(call, 0), 2, nth_input(call, 1), 1); }
ShapeResult dot(const FittedCall& call) { return product_of(nth_input(call, 0), 1, nth_input(call, 1), 1); }
ShapeResult addmm(const FittedCall& call) {
  return sum_with(nth_input(call, 0), product_of(nth_input(call, 1), 2, nth_input(call, 2), 2));
}
ShapeResult addmv(const FittedCall& call) {
  return sum_with(nth_input(call, 0), product_of(nth_input(call, 1), 2, nth_input(call, 2), 1));
}
ShapeResult baddbmm(const FittedCall& call) {
  return sum_with(nth_input(call, 0), product_of(nth_input(call, 1), 3, nth_input(call, 2), 3));
}

/// The sum of the batch's products.
ShapeResult addbmm(const FittedCall& call) {
  ShapeResult product = product_of(nth_input(call, 1), 3, nth_input(call, 2), 3);
  if (!product.shapes.empty()) product.shapes[0].sizes.erase(product.shapes[0].sizes.begin());
  product.row_wise = false;
  return sum_with(nth_input(call, 0), product);
}

/// input · weightᵀ + bias.
ShapeResult linear(const FittedCall& call) {
  const Shape input = call.input("input"), weight = call.input("weight"), bias = call.input("bias");
  if (!input.known || !weight.known) return {};
  Shape transposed = weight;
  std::reverse(transposed.sizes.begin(), transposed.sizes.end());
  ShapeResult result = weight.rank() > 2 ? cannot_multiply(input, weight) : product_of(input, transposed);
  if (!result.fault.empty())
    result.fault = "cannot multiply a tensor of shape " + to_string(input) + " by a transposed weight of shape " +
                   to_string(weight);
  return call.given("bias") ? sum_with(bias, result) : result;
}

ShapeResult bilinear(const FittedCall& call) {
  const Shape weight = call.input("weight"), bias = call.input("bias");
  if (!weight.known) return {};
  if (weight.rank() != 3) return faulty("takes a weight of three dimensions, not of shape " + to_string(weight));
  if (bias.known && !may_equal(bias, make_shape({weight.sizes[0]})))
    return faulty("takes no bias of shape " + to_string(bias) + " for a weight of shape " + to_string(weight));
  return bilinear_shape(call.input("input1"), call.input("input2"), weight);
}

ShapeResult product_of_vectors(const Shape& a, const Shape& b) {
  ShapeResult result;
  if ((a.known && a.rank() != 1) || (b.known && b.rank() != 1)) {
    result.fault = "takes tensors of one dimension, not of shapes " + to_string(a) + " and " + to_string(b);
  } else if (a.known && b.known) {
    result = {{make_shape({a.sizes[0], b.sizes[0]})}, all_known(b), ""};
  }
  return result;
}
ShapeResult outer(const FittedCall& call) { return product_of_vectors(nth_input(call, 0), nth_input(call, 1)); }

ShapeResult addr(const FittedCall& call) {
  ShapeResult product = product_of_vectors(nth_input(call, 1), nth_input(call, 2));
  product.row_wise = false;
  return sum_with(nth_input(call, 0), product);
}

/// A convolution along the first dimension, of time, with (kernel, in, out); batch and channels follow.
ShapeResult time_convolution(const FittedCall& call) {
  const Shape input = nth_input(call, 0), weight = nth_input(call, 1), bias = nth_input(call, 2);
  const bool fits = (!input.known || input.rank() == 3) && (!weight.known || weight.rank() == 3);
  if (!fits) return faulty("takes tensors of three dimensions, not " + to_string(input) + " and " + to_string(weight));
  if (!input.known || !weight.known) return {};
  if (!may_equal(input.sizes[2], weight.sizes[1])) return cannot_multiply(input, weight);
  if (!may_equal(bias, make_shape({weight.sizes[2]})))
    return faulty("takes no bias of shape " + to_string(bias) + " for a weight of shape " + to_string(weight));
  const Size &times = input.sizes[0], &kernel = weight.sizes[0];
  const bool counted = times.known() && kernel.known();
  const std::int64_t steps = times.n + 2 * call.integer("pad") - kernel.n + 1;
  if (counted && steps < 0)
    return faulty("leaves nothing of " + to_string(input) + " with a weight of shape " + to_string(weight));
  return {{make_shape({counted ? fixed_size(steps) : Size{}, input.sizes[1], weight.sizes[2]})}, false, ""};
}

/// Sums over the last dimension of both; a number scales.
ShapeResult inner(const FittedCall& call) {
  const Shape a = nth_input(call, 0), b = nth_input(call, 1);
  if (!a.known || !b.known || a.rank() == 0 || b.rank() == 0) return {};
  if (!may_equal(a.sizes.back(), b.sizes.back())) return cannot_multiply(a, b);
  Shape shape = make_shape({a.sizes.begin(), a.sizes.end() - 1});
  shape.sizes.insert(shape.sizes.end(), b.sizes.begin(), b.sizes.end() - 1);
  return {{shape}, a.rank() > 1 && all_known(b), ""};
}

/// Vectors stretch as tensors do, but for two single ones.
ShapeResult vecdot(const FittedCall& call) {
  const Shape a = nth_input(call, 0), b = nth_input(call, 1);
  const bool single = a.known && b.known && a.rank() == 1 && b.rank() == 1;
  return single && !may_equal(a, b) ? cannot_multiply(a, b) : faulty(broadcast(call).fault);
}

/// Every number of one times the other as a whole.
ShapeResult kron(const FittedCall& call) {
  Shape a = nth_input(call, 0), b = nth_input(call, 1);
  if (!a.known || !b.known) return {};
  const int rank = std::max(a.rank(), b.rank());
  for (Shape* shape : {&a, &b}) shape->sizes.insert(shape->sizes.begin(), rank - shape->rank(), fixed_size(1));
  Shape shape = make_shape({});
  for (int k = 0; k < rank; ++k) shape.sizes.push_back(n_components(make_shape({a.sizes[k], b.sizes[k]})));
  return {{shape}, false, ""};
}

}  // namespace

ShapeResult contracted(const FittedCall& call) {
  const Shape a = call.input("a"), b = call.input("b");
  if (!a.known || !b.known) return {};
  const std::int64_t n = call.integer("dims");
  bool fits = n >= 0 && n <= a.rank() && n <= b.rank();
  for (int k = 0; fits && k < n; ++k) {
    const Size &of_a = a.sizes[a.rank() - n + k], &of_b = b.sizes[k];
    fits = may_equal(of_a, of_b) || of_a.n == 1 || of_b.n == 1;
  }
  if (!fits) return cannot_multiply(a, b);
  Shape shape = make_shape({a.sizes.begin(), a.sizes.end() - n});
  shape.sizes.insert(shape.sizes.end(), b.sizes.begin() + n, b.sizes.end());
  return {{shape}, false, ""};
}

/// Matrices; the first and the last of multi_dot may be vectors.
ShapeResult multiplied_in_a_row(const FittedCall& call) {
  const std::vector<Shape> shapes = call.inputs();
  const bool vectors = call.parts.front().signature.name == "torch.linalg.multi_dot";
  for (std::size_t k = 0; k < shapes.size(); ++k) {
    const bool may_be_vector = vectors && (k == 0 || k + 1 == shapes.size());
    if (shapes[k].known && shapes[k].rank() != 2 && !(may_be_vector && shapes[k].rank() == 1))
      return faulty("takes matrices, not a tensor of shape " + to_string(shapes[k]));
    if (k > 0 && !product_of(shapes[k - 1], shapes[k]).fault.empty()) return cannot_multiply(shapes[k - 1], shapes[k]);
  }
  return {};
}

ShapeResult bilinear_shape(const Shape& first, const Shape& second, const Shape& weight) {
  ShapeResult result;
  if (!first.known || !second.known) return result;
  bool fits = first.rank() == second.rank() && first.rank() > 0 && may_equal(first.sizes.back(), weight.sizes[1]) &&
              may_equal(second.sizes.back(), weight.sizes[2]);
  for (int k = 0; fits && k + 1 < first.rank(); ++k) fits = may_equal(first.sizes[k], second.sizes[k]);
  if (!fits) {
    result.fault = "with a weight of shape " + to_string(weight) + " cannot take tensors of shapes " +
                   to_string(first) + " and " + to_string(second);
    return result;
  }
  result.shapes = {first};
  result.shapes[0].sizes.back() = weight.sizes[0];
  result.row_wise = first.rank() > 1 && all_known(weight);
  return result;
}

const ShapeRules& matrix_rules() {
  static const ShapeRules rules = {{"torch.addbmm", addbmm},
                                   {"torch.addr", addr},
                                   {"torch.conv_tbc", time_convolution},
                                   {"torch.nn.functional.conv_tbc", time_convolution},
                                   {"torch.addmm", addmm},
                                   {"torch.addmv", addmv},
                                   {"torch.baddbmm", baddbmm},
                                   {"torch.bilinear", bilinear},
                                   {"torch.bmm", bmm},
                                   {"torch.dot", dot},
                                   {"torch.ger", outer},
                                   {"torch.inner", inner},
                                   {"torch.kron", kron},
                                   {"torch.linalg.matmul", matmul},
                                   {"torch.linalg.multi_dot", multiplied_in_a_row},
                                   {"torch.linalg.vecdot", vecdot},
                                   {"torch.matmul", matmul},
                                   {"torch.mm", mm},
                                   {"torch.mv", mv},
                                   {"torch.nn.functional.bilinear", bilinear},
                                   {"torch.nn.functional.linear", linear},
                                   {"torch.outer", outer},
                                   {"torch.vdot", dot}};
  return rules;
}

}  // namespace kiln
