#include <algorithm>

#include "operators/targets/target_table.h"

namespace kiln {

namespace {

ShapeResult does_not_fit(const FittedCall& call, const char* argument, const Shape& expected) {
  return faulty("takes a tensor of shape " + to_string(expected) + " as '" + argument + "', not of shape " +
                to_string(call.input(argument)));
}

/// Entries along `dim` that `index` names: a vector, or a number for a single one.
struct Entries {
  Shape shape;  ///< of the tensor that has them
  int dim = -1;
  Size n;
};

/// False if nothing is known, or there is a fault. A number has one entry and no dimension.
bool find_entries(const FittedCall& call, Entries& entries, std::string& fault) {
  const Shape index = call.input("index");
  entries.shape = first_input(call);
  if (index.known && index.rank() > 1) fault = "takes a vector as 'index', not a tensor of shape " + to_string(index);
  if (fault.empty() && entries.shape.known) entries.dim = dimensions(call, "dim", entries.shape, fault)[0];
  if (index.known) entries.n = index.rank() == 0 ? fixed_size(1) : index.sizes[0];
  return fault.empty() && entries.dim >= 0;
}

ShapeResult entries_selected(const FittedCall& call) {
  Entries entries;
  std::string fault;
  if (!find_entries(call, entries, fault)) return faulty(fault);
  entries.shape.sizes[entries.dim] = entries.n;
  return {{entries.shape}, false, ""};
}

/// As many entries of `source`, which has the tensor's shape otherwise.
ShapeResult entries_replaced(const FittedCall& call) {
  Entries entries;
  std::string fault;
  if (!find_entries(call, entries, fault)) return faulty(fault);
  Shape expected = entries.shape;
  expected.sizes[entries.dim] = entries.n;
  if (!may_equal(call.input("source"), expected)) return does_not_fit(call, "source", expected);
  return {{entries.shape}, false, ""};
}

ShapeResult entries_filled(const FittedCall& call) {
  Entries entries;
  std::string fault;
  const Shape value = call.input("value");
  if (value.known && value.rank() > 0) return faulty("takes a number as 'value', not " + to_string(value));
  if (!find_entries(call, entries, fault)) return faulty(fault);
  return {{entries.shape}, false, ""};
}

/// Of one entry along `dim`.
ShapeResult entry_replaced(const FittedCall& call) {
  const Shape shape = first_input(call);
  if (!shape.known || shape.rank() == 0) return {};
  std::string fault;
  const int at = dimensions(call, "dim", shape, fault)[0];
  if (!fault.empty()) return faulty(fault);
  const Size size = shape.sizes[at];
  const std::int64_t index = call.integer("index");
  if (size.known() && (index >= size.n || index < -size.n))
    return faulty("has no entry " + std::to_string(index) + " in dimension " + call.written("dim") + " of " +
                  to_string(shape));
  Shape slice = shape;
  slice.sizes.erase(slice.sizes.begin() + at);
  if (!may_equal(call.input("src"), slice)) return does_not_fit(call, "src", slice);
  return {{shape}, false, ""};
}

ShapeResult diagonal_replaced(const FittedCall& call) {
  const Shape shape = first_input(call);
  if (!shape.known || shape.rank() < 2) return {};
  std::string fault;
  const int rows = dimensions(call, "dim1", shape, fault)[0], columns = dimensions(call, "dim2", shape, fault)[0];
  if (fault.empty() && rows == columns) fault = "needs two dimensions, not dim1 and dim2 alike";
  if (!fault.empty()) return faulty(fault);
  Shape diagonal = make_shape({});
  for (int k = 0; k < shape.rank(); ++k)
    if (k != rows && k != columns) diagonal.sizes.push_back(shape.sizes[k]);
  diagonal.sizes.push_back(diagonal_size(shape.sizes[rows], shape.sizes[columns], call.integer("offset")));
  if (!may_equal(call.input("src"), diagonal)) return does_not_fit(call, "src", diagonal);
  return {{shape}, false, ""};
}

/// Rows of a table, by their numbers.
ShapeResult rows_looked_up(const FittedCall& call) {
  const Shape table = call.input("weight"), indices = call.input("indices");
  if (table.known && table.rank() != 2)
    return faulty("takes a table of two dimensions as 'weight', not " + to_string(table));
  if (!table.known || !indices.known) return {};
  Shape rows = indices;
  rows.sizes.push_back(table.sizes[1]);
  return {{rows}, false, ""};
}

/// Entries along `dim` take other values: of `source` or `src`, or one number. False and a fault if there is no such
/// dimension.
bool has_dimension(const FittedCall& call, const Shape& shape, std::string& fault) {
  if (shape.known) dimensions(call, "dim", shape, fault);
  return fault.empty();
}

ShapeResult entries_added(const FittedCall& call) {
  std::string fault;
  const Shape shape = first_input(call);
  return has_dimension(call, shape, fault) ? ShapeResult{{shape}, false, ""} : faulty(fault);
}

/// One entry along `dim` for every number in `index`.
ShapeResult entries_gathered(const FittedCall& call) {
  std::string fault;
  const Shape shape = first_input(call), index = call.input("index");
  if (!has_dimension(call, shape, fault)) return faulty(fault);
  const bool keeps_rows = index.known && index.rank() > 1 && dimension(shape, call.integer("dim")) > 0;
  return {{index}, keeps_rows, ""};
}

/// The same, of tensors that stretch to each other otherwise.
ShapeResult entries_taken(const FittedCall& call) {
  std::string fault;
  Shape shape = first_input(call), indices = call.input("indices");
  if (!has_dimension(call, shape, fault)) return faulty(fault);
  if (!call.given("dim")) return {{make_shape({n_components(indices)})}, false, ""};
  const int at = dimension(shape, call.integer("dim"));
  if (at < 0 || !indices.known || indices.rank() != shape.rank()) return {};
  const Size n = indices.sizes[at];
  const bool same_rows = may_equal(shape.sizes[0], indices.sizes[0]);
  shape.sizes[at] = indices.sizes[at] = fixed_size(1);
  Shape both;
  if (!broadcast_shapes(shape, indices, both)) return cannot_combine(first_input(call), call.input("indices"));
  both.sizes[at] = n;
  return {{both}, at > 0 && same_rows, ""};
}

/// Entries for which `mask` holds.
ShapeResult masked_entries_replaced(const FittedCall& call) {
  const Shape shape = first_input(call), mask = call.input("mask");
  Shape both;
  if (!shape.known || !mask.known) return {};
  return broadcast_shapes(shape, mask, both) ? ShapeResult{{both}, false, ""} : cannot_combine(shape, mask);
}

}  // namespace

const ShapeRules& entry_rules() {
  static const ShapeRules rules = {
      {"torch.index_select", entries_selected},
      {"torch.index_copy", entries_replaced},
      {"torch.index_fill", entries_filled},
      {"torch.select_scatter", entry_replaced},
      {"torch.diagonal_scatter", diagonal_replaced},
      {"torch.embedding", rows_looked_up},
      {"torch.gather", entries_gathered},
      {"torch.take_along_dim", entries_taken},
      {"torch.scatter", entries_added},
      {"torch.scatter_add", entries_added},
      {"torch.scatter_reduce", entries_added},
      {"torch.index_add", entries_added},
      {"torch.index_reduce", entries_added},
      {"torch.index_put", same_size},
      {"torch.put", same_size},
      {"torch.masked_scatter", masked_entries_replaced},
  };
  return rules;
}

}  // namespace kiln
