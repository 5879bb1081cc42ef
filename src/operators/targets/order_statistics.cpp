#include "operators/targets/shape_rules.h"

namespace kiln {

namespace {

std::string fault_of_quantiles(const FittedCall& call) {
  const Shape shape = first_input(call), q = call.input("q");
  if (q.known && q.rank() > 1) return "takes a number or a vector as 'q', not a tensor of shape " + to_string(q);
  if (n_components(shape).n == 0) return "finds no quantiles in a tensor of shape " + to_string(shape);
  return "";
}

/// Each quantile has the shape of what is reduced; several come one behind the other.
ShapeResult quantiles(const FittedCall& call) {
  const Shape q = call.input("q");
  if (call.holds_integers("self")) return wrong_kind("takes real numbers, not integers");
  if (call.holds_integers("q")) return wrong_kind("takes real numbers as 'q', not integers");
  const std::string fault = fault_of_quantiles(call);
  if (!fault.empty()) return faulty(fault);
  ShapeResult result = reduced(call);
  if (!result.fault.empty() || !result.shapes[0].known) return result;
  const bool by_tensor = find_argument(call, "q").bound().source == BoundArgument::Source::input;
  if (!by_tensor) return result;
  if (!q.known) return {};
  result.row_wise = result.row_wise && q.rank() == 0;
  if (q.rank() == 1) result.shapes[0].sizes.insert(result.shapes[0].sizes.begin(), q.sizes[0]);
  return result;
}

std::string fault_of_side(const FittedCall& call) {
  const bool left = call.given("side") && call.text("side") == "left";
  return left && call.boolean("right") ? "is told side 'left' and right: true" : "";
}

/// Rows of one in rows of the other, or all in one.
std::string fault_of_boundaries(const Shape& sorted, const Shape& values, bool number) {
  if (sorted.rank() == 0) return "takes no number as sorted_sequence: it has no dimension";
  if (sorted.rank() == 1) return "";
  if (number) return "looks for a number in a vector, not in a tensor of shape " + to_string(sorted);
  if (!values.known) return "";
  bool fits = values.rank() == sorted.rank();
  for (int k = 0; fits && k + 1 < sorted.rank(); ++k) fits = may_equal(sorted.sizes[k], values.sizes[k]);
  return fits ? ""
              : "cannot look for values of shape " + to_string(values) + " in a tensor of shape " + to_string(sorted);
}

/// Indices, of the shape of what is looked for.
ShapeResult places_in_order(const FittedCall& call) {
  const Shape sorted = call.input("sorted_sequence"), values = call.input("self"), sorter = call.input("sorter");
  const bool number = find_argument(call, "self").bound().source == BoundArgument::Source::value;
  if (call.holds_reals("sorter")) return wrong_kind("takes integers as 'sorter', not real numbers");
  std::string fault = fault_of_side(call);
  if (fault.empty() && sorted.known) fault = fault_of_boundaries(sorted, values, number);
  if (fault.empty() && !may_equal(sorted, sorter))
    fault = "takes a sorter of shape " + to_string(sorted) + ", not " + to_string(sorter);
  if (!fault.empty()) return faulty(fault);
  const bool same_for_all = sorted.rank() == 1 && n_components(sorted).known();
  return {{number ? make_shape({}) : values}, values.rank() > 0 && same_for_all, ""};
}

ShapeResult buckets(const FittedCall& call) {
  const Shape boundaries = call.input("boundaries"), values = call.input("self");
  const bool number = find_argument(call, "self").bound().source == BoundArgument::Source::value;
  if (boundaries.known && boundaries.rank() != 1)
    return faulty("takes a vector as 'boundaries', not a tensor of shape " + to_string(boundaries));
  return {{number ? make_shape({}) : values}, values.rank() > 0 && n_components(boundaries).known(), ""};
}

}  // namespace

const ShapeRules& order_rules() {
  static const ShapeRules rules = {{"torch.quantile", quantiles},
                                   {"torch.nanquantile", quantiles},
                                   {"torch.searchsorted", places_in_order},
                                   {"torch.bucketize", buckets}};
  return rules;
}

}  // namespace kiln
