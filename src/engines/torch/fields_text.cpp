#include <fmt/format.h>

#include <algorithm>
#include <list>

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

bool has_atoms(const LoweredGraph& graph) {
  const auto sums = [](const Operation& operation) { return std::holds_alternative<SumAtoms>(operation.op); };
  const auto derived = [](const LoweredOutput& output) { return output.field < 0; };
  return !graph.edge_sets.empty() || std::any_of(graph.operations.begin(), graph.operations.end(), sums) ||
         std::any_of(graph.outputs.begin(), graph.outputs.end(), derived);
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

/// The edge set whose edges are the rows; -1: none.
int edge_set_of_rows(const FieldType& type) {
  return type.level == Level::edge && type.meaning != Meaning::edge_index ? type.edge_set : -1;
}

/// Writes the body of `fields`.
struct FieldsWriter {
  const LoweredGraph& graph;
  TextWriter out;
  std::vector<TextField> fields;
  std::vector<TextEdges> edges;

  FieldsWriter(const LoweredGraph& lowered, bool f64) : graph(lowered), out(f64, {"self", "torch"}) {
    const std::size_t n_sets = graph.edge_sets.size();
    edges.resize(n_sets);
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
      field.rows =
          w.out.fresh(attribute_path(input.model_input.empty() ? to_string(input.meaning) : input.model_input));
      arguments.push_back(field.rows + ": Tensor");
    }
  }
  arguments.insert(arguments.end(), edge_arguments.begin(), edge_arguments.end());
  if (!has_atoms(w.graph)) return arguments;
  for (const char* last : {"owned: Tensor", "structure: Tensor", "n_structures: int", "n_atoms: int"})
    arguments.push_back(last);
  return arguments;
}

void write_slots(FieldsWriter& w, int s) {
  const std::vector<std::string> made =
      w.out.assign({edge_variable("centers", s), edge_variable("width", s), edge_variable("edge_of_slot", s),
                    edge_variable("slot_of_edge", s)},
                   fmt::format("self.slots_of_edges({}, n_atoms)", edge_variable("receiver", s)));
  w.edges[s].centers = made[0];
  w.edges[s].width = made[1];
  w.edges[s].edge_of_slot = made[2];
  w.edges[s].slot_of_edge = made[3];
  const std::string sender = edge_variable("sender", s);
  w.edges[s].sender =
      w.out.assign(edge_variable("slot_sender", s),
                   fmt::format("torch.cat([{0}, {0}.new_zeros([1])]).index_select(0, {1})", sender, made[2]));
  w.edges[s].is_edge = w.out.assign(edge_variable("is_edge", s),
                                    w.out.cast(fmt::format("({} < {}.size(0)).unsqueeze(1)", made[2], sender)));
}

/// Rows of edges in slots, and `filler` where a slot holds no edge.
std::string in_slots(FieldsWriter& w, const std::string& rows, int s, double filler) {
  return w.out.assign(rows + "_in_slots",
                      fmt::format("torch.cat([{0}, {0}.new_full([1, {0}.size(1)], {1})]).index_select(0, {2})", rows,
                                  text_number(filler), w.edges[s].edge_of_slot));
}

/// Edge inputs in slots. A slot without an edge holds a vector as long as the cutoff, so that no radial function is
/// evaluated at zero there; its harmonics are zero.
void put_inputs_in_slots(FieldsWriter& w) {
  for (const LoweredInput& input : w.graph.inputs) {
    TextField& field = w.fields[input.field];
    const int s = edge_set_of_rows(field.type);
    if (s < 0 || w.edges[s].edge_of_slot.empty()) continue;
    const double cutoff = w.graph.edge_sets[s].cutoff > 0 ? w.graph.edge_sets[s].cutoff : 1.0;
    const double filler = input.meaning == Meaning::edge_vectors ? cutoff : 0.0;
    field.rows = in_slots(w, field.rows, s, filler);
  }
}

const TextEdges* edges_of(FieldsWriter& w, const Operation& operation) {
  for (const int input : operation.inputs) {
    const FieldType& type = w.graph.fields[input];
    if (type.level == Level::edge && type.edge_set >= 0) return &w.edges[type.edge_set];
  }
  return nullptr;
}

/// The edge set whose slots the operation works in; -1: none. Calls work on edges in their own order.
int edge_set_of_slots(const FieldsWriter& w, const Operation& operation) {
  if (std::holds_alternative<Call>(operation.op) || std::holds_alternative<RowFunction>(operation.op)) return -1;
  const auto* convolution = std::get_if<EdgeConvolution>(&operation.op);
  const int s = convolution != nullptr ? convolution->edge_set : edge_set_of_rows(w.graph.fields[operation.output]);
  return s < 0 || w.edges[s].edge_of_slot.empty() ? -1 : s;
}

/// Fields of edges that do not say of which, such as a free tensor, stand in the order of the edges.
TextField ordered_as(FieldsWriter& w, int s, TextField field, const std::string& name) {
  field.rows = in_slots(w, rows_of(field, w.out, name), s, 0.0);
  field.blocks.clear();
  field.type.edge_set = s;
  return field;
}

void write_operations(FieldsWriter& w) {
  for (const Operation& operation : w.graph.operations) {
    w.out.set_layer(operation.layer);
    TextCall call{w.out,
                  attribute_path(operation.layer) + "_" + name_of(operation.op),
                  {},
                  w.fields[operation.output],
                  edges_of(w, operation)};
    std::replace(call.name.begin(), call.name.end(), '.', '_');
    const int s = edge_set_of_slots(w, operation);
    std::list<TextField> ordered;
    for (const int input : operation.inputs) {
      TextField& field = w.fields[input];
      const bool is_free = s >= 0 && field.type.level == Level::edge && field.type.meaning != Meaning::edge_index &&
                           field.type.edge_set < 0;
      if (is_free) ordered.push_back(ordered_as(w, s, field, call.name + "_edges"));
      call.inputs.push_back(is_free ? &ordered.back() : &field);
    }
    write_operation(operation.op, call);
  }
  w.out.set_layer("");
}

/// The fields that are asked for, edges in their own order.
void write_return(FieldsWriter& w, const std::vector<int>& returned) {
  std::vector<std::string> results;
  for (const int k : returned) {
    TextField& field = w.fields[k];
    std::string rows = rows_of(field, w.out, "field" + std::to_string(k));
    const int s = edge_set_of_rows(field.type);
    if (s >= 0 && !w.edges[s].slot_of_edge.empty()) rows += ".index_select(0, " + w.edges[s].slot_of_edge + ")";
    results.push_back(rows);
  }
  w.out.write("return " + text_list(results) + (results.size() == 1 ? "," : ""));
}

}  // namespace

FieldsMethod make_fields_method(const LoweredGraph& graph, std::vector<int> returned, bool f64) {
  FieldsWriter w(graph, f64);
  FieldsMethod method;
  method.text.name = "fields";
  method.text.arguments = write_arguments(w);
  for (int s = 0; s < static_cast<int>(graph.edge_sets.size()); ++s) {
    if (!has_slots(graph, s)) continue;
    write_slots(w, s);
    method.uses_slots = true;
  }
  put_inputs_in_slots(w);
  write_operations(w);
  write_return(w, returned);
  method.returned = std::move(returned);
  method.text.result = "Tuple[" + text_list(std::vector<std::string>(method.returned.size(), "Tensor")) + "]";
  method.text.lines = w.out.lines();
  method.text.layers = w.out.layers();
  method.tables = w.out.tables();
  return method;
}

}  // namespace kiln
