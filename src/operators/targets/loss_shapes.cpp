#include "operators/targets/loss_shapes.h"

#include <algorithm>

namespace kiln {

namespace {

/// One number, or a loss of this shape.
ShapeResult of_reduction(const FittedCall& call, ShapeResult losses) {
  if (!losses.fault.empty()) return losses;
  if (call.text("reduction") != "none") return {{make_shape({})}, false, ""};
  return losses;
}
ShapeResult of_reduction(const FittedCall& call, Shape losses) {
  return of_reduction(call, ShapeResult{{std::move(losses)}, false, ""});
}

/// Given to a function as a tensor, to a module as a list of numbers.
Shape weight_shape(const FittedCall& call, const char* name = "weight") {
  const FittedArgument found = find_argument(call, name);
  if (found.part == nullptr || found.bound().source != BoundArgument::Source::value) return call.input(name);
  const std::vector<Yaml>& items = found.bound().value.items;
  const bool numbers = std::all_of(items.begin(), items.end(), [](const Yaml& item) { return item.is_number(); });
  return numbers && !items.empty() ? make_shape({fixed_size(static_cast<std::int64_t>(items.size()))}) : Shape{};
}

Shape without(Shape shape, int dim) {
  if (dim >= 0 && dim < shape.rank()) shape.sizes.erase(shape.sizes.begin() + dim);
  return shape;
}

bool stretches_to(const Shape& from, const Shape& to) {
  Shape both;
  return !from.known || !to.known || (broadcast_shapes(from, to, both) && may_equal(both, to));
}

ShapeResult cannot_pair(const Shape& input, const Shape& target) {
  return faulty("takes no target of shape " + to_string(target) + " for an input of shape " + to_string(input));
}

ShapeResult cannot_weigh(const Shape& input, const Shape& weight) {
  return faulty("takes no weight of shape " + to_string(weight) + " for an input of shape " + to_string(input));
}

/// What torch computes of real numbers only.
ShapeResult needs_real_input(const FittedCall& call) {
  return call.holds_integers("input") ? wrong_kind("takes an input of real numbers, not of integers") : ShapeResult{};
}

/// Nothing is looked up in no targets, so they may be of any kind.
ShapeResult needs_classes(const FittedCall& call) {
  const bool reals = call.holds_reals("target") && !is_empty(call.input("target"));
  return reals ? wrong_kind("takes classes, which are integers, as target, not real numbers") : ShapeResult{};
}

// --- classes by number ---

/// (classes), (rows, classes) or (rows, classes, …) with a class for each of (), (rows) or (rows, …).
bool may_be_classes(const Shape& input, const Shape& target) {
  if (input.rank() == 1) return target.rank() == 0 || may_equal(input, target);
  return may_equal(without(input, 1), target);
}

Size n_classes(const Shape& input) { return input.sizes[input.rank() == 1 ? 0 : 1]; }

/// A number per class; of images torch only counts them.
ShapeResult weights_of_classes(const FittedCall& call, const Shape& input, bool only_counted) {
  const Shape weight = weight_shape(call);
  if (!weight.known) return {};
  const bool fits = (only_counted || weight.rank() == 1) && may_equal(n_components(weight), n_classes(input));
  return fits ? ShapeResult{} : cannot_weigh(input, weight);
}

ShapeResult first_of(std::initializer_list<ShapeResult> results) {
  for (const ShapeResult& result : results)
    if (!result.fault.empty()) return result;
  return {};
}

/// Of a class for every row: one loss each.
ShapeResult loss_of_classes(const FittedCall& call, bool only_counted) {
  const Shape input = call.input("input"), target = call.input("target");
  const ShapeResult fault = first_of({needs_classes(call), weights_of_classes(call, input, only_counted)});
  if (!fault.fault.empty()) return fault;
  return of_reduction(call, input.rank() == 1 ? make_shape({}) : without(input, 1));
}

/// Of probabilities, as many as the input has components.
ShapeResult loss_of_probabilities(const FittedCall& call) {
  const Shape input = call.input("input");
  if (call.holds_integers("target")) return wrong_kind("takes probabilities of its input's shape as real numbers");
  if (call.integer("ignore_index") >= 0) return faulty("takes no ignore_index where the target has probabilities");
  const ShapeResult fault = weights_of_classes(call, input, false);
  if (!fault.fault.empty()) return fault;
  return of_reduction(call, without(input, input.rank() == 1 ? 0 : 1));
}

// --- margins ---

/// Classes, or rows of them; there must be some.
bool may_have_margins(const Shape& input) {
  return input.rank() < 3 && (input.rank() == 0 || input.sizes.back().n != 0);
}

Size n_rows(const Shape& input) { return input.rank() < 2 ? fixed_size(1) : input.sizes[0]; }

/// Tensors that stretch, but have as many dimensions each.
std::string fault_of_ranks(const FittedCall& call) {
  const std::vector<Shape> shapes = call.inputs();
  for (const Shape& shape : shapes)
    if (shape.known && shapes[0].known && shape.rank() != shapes[0].rank())
      return "takes tensors of as many dimensions each, not of shapes " + to_string(shapes[0]) + " and " +
             to_string(shape);
  return "";
}

/// Distances of vectors along the last dimension.
ShapeResult distances(const Shape& a, const Shape& b) {
  Shape both;
  if (!broadcast_shapes(a, b, both)) return cannot_combine(a, b);
  return {{without(both, both.rank() - 1)}, false, ""};
}

/// Sums along a dimension of products, and of squares, and what follows from them with the target.
ShapeResult angles(const Shape& first, const Shape& second, const Shape& target) {
  Shape products, squares, cosines, losses;
  const int dim = target.rank();
  const bool fits = broadcast_shapes(first, second, products) &&
                    broadcast_shapes(without(first, dim), without(second, dim), squares) &&
                    broadcast_shapes(without(products, dim), squares, cosines) &&
                    broadcast_shapes(target, cosines, losses);
  if (fits) return {{losses}, false, ""};
  return faulty("cannot compare tensors of shapes " + to_string(first) + " and " + to_string(second) +
                " by a target of shape " + to_string(target));
}

}  // namespace

ShapeResult stretching_loss(const FittedCall& call) { return of_reduction(call, broadcast(call)); }

ShapeResult reduced_or_unknown(const FittedCall& call) { return of_reduction(call, ShapeResult{}); }

ShapeResult loss_like_input(const FittedCall& call) {
  const Shape input = call.input("input"), target = call.input("target");
  const ShapeResult fault = needs_real_input(call);
  if (!fault.fault.empty()) return fault;
  return stretches_to(target, input) ? stretching_loss(call) : cannot_pair(input, target);
}

ShapeResult binary_cross_entropy_shape(const FittedCall& call) {
  const Shape input = call.input("input"), target = call.input("target");
  for (const char* argument : {"input", "target"})
    if (call.holds_integers(argument)) return wrong_kind("takes real numbers as input and target, not integers");
  if (!may_equal(input, target))
    return faulty("takes a target of its input's shape " + to_string(input) + ", not " + to_string(target));
  for (const char* argument : {"weight", "pos_weight"})
    if (!stretches_to(weight_shape(call, argument), input)) return cannot_weigh(input, weight_shape(call, argument));
  return stretching_loss(call);
}

ShapeResult class_loss(const FittedCall& call) {
  const Shape input = call.input("input"), target = call.input("target");
  const ShapeResult fault = needs_real_input(call);
  if (!fault.fault.empty()) return fault;
  if (!input.known) return reduced_or_unknown(call);
  if (input.rank() == 0 || (target.known && !may_be_classes(input, target))) return cannot_pair(input, target);
  return loss_of_classes(call, input.rank() > 2);
}

ShapeResult class_or_probability_loss(const FittedCall& call) {
  const Shape input = call.input("input"), target = call.input("target");
  const ShapeResult fault = needs_real_input(call);
  if (!fault.fault.empty()) return fault;
  if (!input.known || (!target.known && input.rank() > 0)) return reduced_or_unknown(call);
  if (input.rank() > 0 && may_equal(input, target)) return loss_of_probabilities(call);
  if (input.rank() == 0 || target.rank() == input.rank() || !may_be_classes(input, target))
    return cannot_pair(input, target);
  return loss_of_classes(call, input.rank() > 2 && call.real("label_smoothing") <= 0.0);
}

ShapeResult margin_loss_of_class(const FittedCall& call) {
  const Shape input = call.input("input"), target = call.input("target"), weight = weight_shape(call);
  const ShapeResult fault = first_of({needs_real_input(call), needs_classes(call)});
  if (!fault.fault.empty()) return fault;
  if (weight.known && weight.rank() != 1) return cannot_weigh(input, weight);
  if (!input.known) return of_reduction(call, target);
  const bool fits = target.rank() < 2 && (!target.known || may_equal(n_components(target), n_rows(input)));
  return may_have_margins(input) && fits ? of_reduction(call, target) : cannot_pair(input, target);
}

ShapeResult margin_loss_of_classes(const FittedCall& call) {
  const Shape input = call.input("input"), target = call.input("target");
  const ShapeResult fault = first_of({needs_real_input(call), needs_classes(call)});
  if (!fault.fault.empty()) return fault;
  if (!input.known) return reduced_or_unknown(call);
  const bool single = input.rank() < 2 && target.rank() < 2 && may_equal(n_components(input), n_components(target));
  const bool fits = single || (input.rank() == 2 && may_equal(input, target));
  if (!may_have_margins(input) || (target.known && !fits)) return cannot_pair(input, target);
  return of_reduction(call, input.rank() < 2 ? make_shape({}) : make_shape({input.sizes[0]}));
}

/// The mean is taken along the input's last dimension, wherever that is in the result.
ShapeResult soft_loss_of_classes(const FittedCall& call) {
  const Shape input = call.input("input"), target = call.input("target"), weight = weight_shape(call);
  if (!input.known) return reduced_or_unknown(call);
  if (input.rank() == 0) return faulty("takes no number as input: it has no dimension");
  Shape losses, weighed;
  if (target.known && !broadcast_shapes(input, target, losses)) return cannot_combine(input, target);
  if (target.known && weight.known && !broadcast_shapes(losses, weight, weighed)) return cannot_weigh(losses, weight);
  if (!target.known || (!weight.known && call.given("weight"))) return reduced_or_unknown(call);
  return of_reduction(call, without(weight.known ? weighed : losses, input.rank() - 1));
}

ShapeResult ranking_loss(const FittedCall& call) {
  const std::string fault = fault_of_ranks(call);
  return fault.empty() ? stretching_loss(call) : faulty(fault);
}

/// Of the distances between the anchor and both others, which stretch; where they swap, between those, too.
ShapeResult triplet_loss(const FittedCall& call) {
  const Shape anchor = call.input("anchor"), positive = call.input("positive"), negative = call.input("negative");
  const std::string fault = fault_of_ranks(call);
  if (!fault.empty()) return faulty(fault);
  if (!anchor.known || !positive.known || !negative.known) return reduced_or_unknown(call);
  const ShapeResult near = distances(anchor, positive), far = distances(anchor, negative);
  const ShapeResult swapped = call.boolean("swap") ? distances(positive, negative) : ShapeResult{};
  const ShapeResult unequal = first_of({near, far, swapped});
  if (!unequal.fault.empty()) return unequal;
  Shape losses;
  if (!broadcast_shapes(near.shapes[0], far.shapes[0], losses)) return cannot_combine(positive, negative);
  return of_reduction(call, losses);
}

/// Of vectors by a number, or of the rows of matrices by a number each.
ShapeResult angle_loss(const FittedCall& call) {
  const Shape first = call.input("input1"), second = call.input("input2"), target = call.input("target");
  if (target.known && target.rank() > 1)
    return faulty("takes a number or a vector as target, not a tensor of shape " + to_string(target));
  if (!first.known || !second.known || !target.known) return reduced_or_unknown(call);
  const int dim = target.rank();
  if (first.rank() == dim + 1 && second.rank() >= 2 * dim) return of_reduction(call, angles(first, second, target));
  return faulty("by a target of shape " + to_string(target) + " cannot compare tensors of shapes " + to_string(first) +
                " and " + to_string(second));
}

/// A variance per component, or one for all of the last dimension, which may be left out then.
ShapeResult gaussian_loss(const FittedCall& call) {
  const Shape input = call.input("input"), given = call.input("var"), target = call.input("target");
  Shape sum, var = given;
  if (input.known && var.known && var.rank() + 1 == input.rank()) var.sizes.push_back(fixed_size(1));
  Shape one_for_all = input;
  if (input.rank() > 0) one_for_all.sizes.pop_back();
  one_for_all.sizes.push_back(fixed_size(1));
  if (!may_equal(var, input) && !may_equal(var, one_for_all))
    return faulty("cannot take variances of shape " + to_string(given) + " for a tensor of shape " + to_string(input));
  if (input.known && target.known && !broadcast_shapes(input, target, sum)) return cannot_combine(input, target);
  return reduced_or_unknown(call);
}

}  // namespace kiln
