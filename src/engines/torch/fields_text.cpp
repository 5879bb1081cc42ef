#include <fmt/format.h>

#include <algorithm>

#include "engines/torch/method_text.h"
#include "kiln/error.h"

namespace kiln {

std::string edge_variable(const std::string& stem, int edge_set) {
  return edge_set == 0 ? stem : stem + std::to_string(edge_set);
}

int FieldsMethod::place_of(int field) const {
  const auto found = std::find(returned.begin(), returned.end(), field);
  return found == returned.end() ? -1 : static_cast<int>(found - returned.begin());
}

bool depends_on_edges(const LoweredGraph& graph, int field, int edge_set) {
  std::vector<bool> depends(graph.fields.size(), false);
  for (const LoweredInput& input : graph.inputs) {
    depends[input.field] = input.meaning == Meaning::edge_vectors && graph.fields[input.field].edge_set == edge_set;
  }
  for (const Operation& operation : graph.operations) {
    for (const int input : operation.inputs) depends[operation.output] = depends[operation.output] || depends[input];
  }
  return depends[field];
}

namespace {

/// Writes the body of `fields`.
struct FieldsWriter {
  const LoweredGraph& graph;
  TextWriter out;
  std::vector<TextField> fields;
  std::vector<TextEdges> edges;
  std::vector<std::string> slot_of_edge, edge_of_slot;  ///< per edge set; "" without slots

  FieldsWriter(const LoweredGraph& lowered, bool f64) : graph(lowered), out(f64, {"self", "torch"}) {
    const std::size_t n_sets = graph.edge_sets.size();
    edges.resize(n_sets);
    slot_of_edge.resize(n_sets);
    edge_of_slot.resize(n_sets);
    for (const FieldType& type : graph.fields) {
      fields.emplace_back();
      fields.back().type = type;
    }
  }
};

bool has_slots(const LoweredGraph& graph, int edge_set) {
  return std::any_of(graph.operations.begin(), graph.operations.end(), [&](const Operation& operation) {
    const auto* convolution = std::get_if<EdgeConvolution>(&operation.op);
    return convolution != nullptr && convolution->edge_set == edge_set;
  });
}

/// Names of arguments that are no model inputs are fixed, so they come first.
std::vector<std::string> write_arguments(FieldsWriter& w) {
  for (const char* name : {"owned", "structure", "n_structures", "n_atoms"}) w.out.fresh(name);
  std::vector<std::string> edge_arguments;
  for (int s = 0; s < static_cast<int>(w.graph.edge_sets.size()); ++s) {
    for (const char* stem : {"receiver", "sender", "edge_vectors"}) {
      edge_arguments.push_back(w.out.fresh(edge_variable(stem, s)) + ": Tensor");
    }
  }
  std::vector<std::string> arguments;
  for (const LoweredInput& input : w.graph.inputs) {
    TextField& field = w.fields[input.field];
    if (input.meaning == Meaning::edge_vectors) {
      field.rows = edge_variable("edge_vectors", field.type.edge_set);
    } else if (input.meaning == Meaning::structure) {
      field.rows = "structure";
    } else {
      field.rows = w.out.fresh(attribute_path(input.model_input.empty() ? to_string(input.meaning) : input.model_input));
      arguments.push_back(field.rows + ": Tensor");
    }
  }
  arguments.insert(arguments.end(), edge_arguments.begin(), edge_arguments.end());
  for (const char* last : {"owned: Tensor", "structure: Tensor", "n_structures: int", "n_atoms: int"}) arguments.push_back(last);
  return arguments;
}

void write_slots(FieldsWriter& w, int s) {
  const std::vector<std::string> made =
      w.out.assign({edge_variable("centers", s), edge_variable("width", s), edge_variable("edge_of_slot", s), edge_variable("slot_of_edge", s)},
                   fmt::format("self.slots_of_edges({}, n_atoms)", edge_variable("receiver", s)));
  w.edges[s].centers = made[0];
  w.edges[s].width = made[1];
  w.edge_of_slot[s] = made[2];
  w.slot_of_edge[s] = made[3];
  const std::string sender = edge_variable("sender", s);
  w.edges[s].sender = w.out.assign(edge_variable("slot_sender", s),
                                   fmt::format("torch.cat([{0}, {0}.new_zeros([1])]).index_select(0, {1})", sender, made[2]));
  w.edges[s].is_edge = w.out.assign(edge_variable("is_edge", s),
                                    w.out.cast(fmt::format("({} < {}.size(0)).unsqueeze(1)", made[2], sender)));
}

/// An edge input in slots: the value of a slot without an edge is one that does no harm. Vectors get a length beyond the
/// cutoff, so that no radial function is evaluated at zero.
void put_in_slots(FieldsWriter& w, const LoweredInput& input) {
  TextField& field = w.fields[input.field];
  const int s = field.type.edge_set;
  const bool vectors = input.meaning == Meaning::edge_vectors;
  const double cutoff = w.graph.edge_sets[s].cutoff;
  const std::string filler = vectors ? text_number(cutoff > 0 ? cutoff : 1.0) : field.type.dtype == DType::integer ? "0" : "0.0";
  field.rows = w.out.assign(field.rows + "_in_slots",
                            fmt::format("torch.cat([{0}, torch.full_like({0}.narrow(0, 0, 1), {1})])", field.rows, filler));
  (void)filler;
}

}  // namespace
}  // namespace kiln
