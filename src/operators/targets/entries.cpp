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

/// Is there a number in it, if there is one in the tensor?
bool has_numbers(const Shape& index, const Shape& shape) {
  return std::all_of(index.sizes.begin(), index.sizes.end(), [&](const Size& size) {
    const bool same = std::find(shape.sizes.begin(), shape.sizes.end(), size) != shape.sizes.end();
    return size.known() ? size.n > 0 : !size.symbol.empty() && same;
  });
}

/// Of a tensor with a number for every entry. Torch looks at none that is empty, and takes a number for a vector of
/// one.
std::string fault_of_numbers_of_entries(const FittedCall& call, const char* argument, const Shape& shape) {
  const Shape index = call.input(argument);
  if (!shape.known || !index.known || !has_numbers(index, shape)) return "";
  if (std::max(index.rank(), 1) == std::max(shape.rank(), 1)) return "";
  return "takes a tensor of as many dimensions as " + to_string(shape) + " as '" + argument + "', not of shape " +
         to_string(index);
}

/// What is wrong with `dim`, and with the numbers of entries along it.
std::string fault_of_places(const FittedCall& call, const char* argument, const Shape& shape) {
  std::string fault;
  if (shape.known) dimensions(call, "dim", shape, fault);
  return fault.empty() ? fault_of_numbers_of_entries(call, argument, shape) : fault;
}

/// Entries along `dim` take the values of `src`, or one number.
ShapeResult entries_scattered(const FittedCall& call) {
  const Shape shape = first_input(call);
  if (call.holds_reals("index")) return wrong_kind("takes integers as 'index', not real numbers");
  const std::string fault = fault_of_places(call, "index", shape);
  return fault.empty() ? ShapeResult{{shape}, false, ""} : faulty(fault);
}

/// What lies along `dim` is added to the entries that `index` names.
ShapeResult entries_added(const FittedCall& call) {
  Entries entries;
  std::string fault;
  if (call.holds_reals("index")) return wrong_kind("takes integers as 'index', not real numbers");
  if (!find_entries(call, entries, fault) && !fault.empty()) return faulty(fault);
  return {{entries.shape}, false, ""};
}

/// One entry along `dim` for every number in `index`. Where there are numbers for the first rows only, what they give
/// are no rows of the tensor.
ShapeResult entries_gathered(const FittedCall& call) {
  const Shape shape = first_input(call), index = call.input("index");
  if (call.holds_reals("index")) return wrong_kind("takes integers as 'index', not real numbers");
  const std::string fault = fault_of_places(call, "index", shape);
  if (!fault.empty()) return faulty(fault);
  const bool keeps_rows = index.known && index.rank() > 1 && dimension(shape, call.integer("dim")) > 0 &&
                          surely_equal(make_shape({shape.sizes[0]}), make_shape({index.sizes[0]}));
  return {{index}, keeps_rows, ""};
}

/// The same, of tensors that stretch to each other otherwise.
ShapeResult entries_taken(const FittedCall& call) {
  Shape shape = first_input(call), indices = call.input("indices");
  if (call.holds_reals("indices")) return wrong_kind("takes integers as 'indices', not real numbers");
  if (!call.given("dim")) return {{make_shape({n_components(indices)})}, false, ""};
  const std::string fault = fault_of_places(call, "indices", shape);
  if (!fault.empty()) return faulty(fault);
  const int at = dimension(shape, call.integer("dim"));
  if (at < 0 || !indices.known || indices.rank() != shape.rank()) return {};
  const Size n = indices.sizes[at];
  shape.sizes[at] = indices.sizes[at] = fixed_size(1);
  Shape both;
  if (!broadcast_shapes(shape, indices, both)) return cannot_combine(first_input(call), call.input("indices"));
  both.sizes[at] = n;
  return {{both}, at > 0, ""};
}

/// Entries for which `mask` holds take the values of another tensor, one after the other.
ShapeResult masked_entries_replaced(const FittedCall& call) {
  const Shape shape = first_input(call), mask = call.input("mask");
  Shape both;
  if (!shape.known || !mask.known) return {};
  return broadcast_shapes(shape, mask, both) ? ShapeResult{{both}, false, ""} : cannot_combine(shape, mask);
}

/// The same with one number, row by row.
ShapeResult masked_entries_filled(const FittedCall& call) {
  const Shape value = call.input("value");
  if (value.known && value.rank() > 0) return faulty("takes a number as 'value', not " + to_string(value));
  return broadcast(call);
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
      {"torch.scatter", entries_scattered},
      {"torch.scatter_add", entries_scattered},
      {"torch.scatter_reduce", entries_scattered},
      {"torch.index_add", entries_added},
      {"torch.index_reduce", entries_added},
      {"torch.index_put", same_size},
      {"torch.put", same_size},
      {"torch.masked_scatter", masked_entries_replaced},
      {"torch.masked_fill", masked_entries_filled},
  };
  return rules;
}

}  // namespace kiln
