#include "operators/targets/attention_shapes.h"

#include <tuple>

namespace kiln {

namespace {

struct Sequences {
  Size steps, batch, columns;
};

Sequences sequences_of(const Attention& attention, const Shape& shape) {
  if (!shape.known) return {};
  if (shape.rank() == 2) return {shape.sizes[0], fixed_size(1), shape.sizes[1]};
  const int steps = attention.batch_first ? 1 : 0;
  return {shape.sizes[steps], shape.sizes[1 - steps], shape.sizes[2]};
}

std::string fault_of_rank(const Attention&, const AttentionRows& rows) {
  if (!rows.shape.known || rows.shape.rank() == 2 || rows.shape.rank() == 3) return "";
  return "takes tensors of two or three dimensions as '" + rows.argument + "', not of shape " + to_string(rows.shape);
}

std::string fault_of_columns(const Attention& attention, const AttentionRows& rows) {
  const Size columns = sequences_of(attention, rows.shape).columns;
  if (!columns.known() || columns.n == rows.columns) return "";
  return "takes " + std::to_string(rows.columns) + " columns in '" + rows.argument + "', not " +
         std::to_string(columns.n);
}

/// Have both as many dimensions, and fitting ones?
std::string fault_of_pair(const Attention& attention, const AttentionRows& first, const AttentionRows& second,
                          bool share_steps) {
  if (!first.shape.known || !second.shape.known) return "";
  const std::string both = "'" + first.argument + "' and '" + second.argument + "'";
  const std::string shapes = ", not shapes " + to_string(first.shape) + " and " + to_string(second.shape);
  if (first.shape.rank() != second.shape.rank()) return "takes as many dimensions in " + both + shapes;
  const Sequences a = sequences_of(attention, first.shape), b = sequences_of(attention, second.shape);
  if (!may_equal(a.batch, b.batch)) return "takes the same batch in " + both + shapes;
  return share_steps && !may_equal(a.steps, b.steps) ? "takes as many steps in " + both + shapes : "";
}

std::string fault_of_sequences(const Attention& attention) {
  for (const auto fault_of : {fault_of_rank, fault_of_columns}) {
    for (const AttentionRows& rows : attention.rows) {
      const std::string fault = fault_of(attention, rows);
      if (!fault.empty()) return fault;
    }
  }
  const auto& [queries, keys, values] = std::tie(attention.rows[0], attention.rows[1], attention.rows[2]);
  std::string fault = fault_of_pair(attention, queries, keys, /*share_steps=*/false);
  if (fault.empty()) fault = fault_of_pair(attention, queries, values, /*share_steps=*/false);
  return fault.empty() ? fault_of_pair(attention, keys, values, /*share_steps=*/true) : fault;
}

std::string fault_of_mask(const FittedCall& call, const std::string& name, const std::vector<Shape>& fitting) {
  const Shape mask = call.input(name);
  std::string expected;
  for (const Shape& shape : fitting) {
    if (may_equal(mask, shape)) return "";
    expected += (expected.empty() ? "" : " or ") + to_string(shape);
  }
  return "takes a tensor of shape " + expected + " as '" + name + "', not " + to_string(mask);
}

/// A number if one of them is, else a symbol.
Size known_one(const Size& a, const Size& b) { return a.known() || (!b.known() && !a.symbol.empty()) ? a : b; }

Size times(const Size& size, std::int64_t n) { return size.known() ? fixed_size(product({size.n, n})) : Size{}; }

}  // namespace

AttentionSizes sizes_of(const Attention& attention) {
  AttentionSizes all;
  for (std::size_t k = 0; k < attention.rows.size(); ++k) {
    const Shape& shape = attention.rows[k].shape;
    if (!shape.known) continue;
    const Sequences rows = sequences_of(attention, shape);
    all.known = true;
    all.single = shape.rank() == 2;
    all.batch = known_one(all.batch, rows.batch);
    Size& steps = k == 0 ? all.steps : all.sources;
    steps = known_one(steps, rows.steps);
  }
  return all;
}

ShapeResult attention_faults(const FittedCall& call, const Attention& attention) {
  std::string fault = fault_of_sequences(attention);
  if (!fault.empty()) return faulty(fault);
  const AttentionSizes all = sizes_of(attention);
  const Size heads = times(all.batch, attention.num_heads);
  fault = fault_of_mask(call, attention.mask,
                        {make_shape({all.steps, all.sources}), make_shape({heads, all.steps, all.sources})});
  const std::vector<Shape> of_one = {make_shape({all.sources})}, of_batch = {make_shape({all.batch, all.sources})};
  const std::vector<Shape> either = {of_one[0], make_shape({Size{}, all.sources})};
  if (fault.empty())
    fault = fault_of_mask(call, attention.padding_mask, !all.known ? either : all.single ? of_one : of_batch);
  if (!fault.empty()) return faulty(fault);
  if (call.holds_reals(attention.mask) && call.holds_reals(attention.padding_mask))
    return wrong_kind("takes true and false as '" + attention.padding_mask + "' beside a '" + attention.mask +
                      "' of real numbers");
  return {};
}

Shape attended_shape(const Attention& attention) {
  const AttentionSizes all = sizes_of(attention);
  const Size columns = fixed_size(attention.embed_dim);
  if (!all.known) return {};
  if (all.single) return make_shape({all.steps, columns});
  return attention.batch_first ? make_shape({all.batch, all.steps, columns})
                               : make_shape({all.steps, all.batch, columns});
}

}  // namespace kiln
