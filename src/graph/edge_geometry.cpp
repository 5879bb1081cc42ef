#include "graph/edge_geometry.h"

namespace kiln {

namespace {

/// A shift belongs to the edges that it was measured with first.
void check_shift(GraphCheck& check, const WiredLayer& layer, const std::string& shift, int edge_set) {
  const std::vector<GeometryInput>& all = check.graph.geometry;
  for (int s = 0; s < static_cast<int>(all.size()) && !shift.empty(); ++s) {
    if (s == edge_set || all[s].shift != shift) continue;
    check.faults.error("two-geometries", layer.spec->where,
                       "layer '" + layer.spec->name + "': '" + shift + "' is the shift of the edges '" +
                           all[s].edge_index + "' already, and cannot be that of '" + all[edge_set].edge_index +
                           "', too",
                       "give '" + all[edge_set].edge_index + "' a model input {role: shift} of its own");
    return;
  }
}

bool tells_geometry(Meaning meaning) {
  return meaning == Meaning::positions || meaning == Meaning::edge_index || meaning == Meaning::shift;
}

}  // namespace

void record_geometry(GraphCheck& check, const WiredLayer& layer, const CheckedLayer& checked) {
  std::string positions, shift;
  int edge_set = -1, shift_field = -1;
  for (std::size_t port = 0; port < checked.inputs.size(); ++port) {
    for (int field : checked.inputs[port]) {
      if (field == kAtFault || !tells_geometry(check.graph.fields[field].type.meaning)) continue;
      if (is_refused(check, layer.input_where[port])) continue;
      const CheckedField& f = check.graph.fields[field];
      if (f.type.meaning == Meaning::positions) positions = f.name;
      if (f.type.meaning == Meaning::edge_index) edge_set = f.type.edge_set;
      if (f.type.meaning == Meaning::shift) shift = f.name, shift_field = field;
    }
  }
  if (positions.empty() || edge_set < 0) return;
  GeometryInput& geometry = check.graph.geometry[edge_set];
  if (!geometry.positions.empty() && (geometry.positions != positions || geometry.shift != shift)) {
    check.faults.error("two-geometries", layer.spec->where,
                       "layer '" + layer.spec->name + "': the edges of '" + geometry.edge_index +
                           "' have positions and shifts already, which differ from the ones given here",
                       "use the same 'pos' and 'shift' wherever these edges are measured");
  }
  check_shift(check, layer, shift, edge_set);
  geometry.positions = positions;
  geometry.shift = shift;
  if (shift_field >= 0) check.graph.fields[shift_field].type.edge_set = edge_set;
}

bool check_edge_lists(GraphCheck& check, const WiredLayer& layer, const CheckedLayer& checked) {
  const std::size_t n_errors = check.faults.n_errors();
  for (std::size_t port = 0; port < checked.inputs.size(); ++port) {
    for (int field : checked.inputs[port]) {
      if (field == kAtFault) continue;
      const FieldType& type = check.graph.fields[field].type;
      if (type.meaning != Meaning::edge_index) continue;
      const InputRole& role = check.roles[check.edge_set_inputs[type.edge_set]];
      const std::string who = "layer '" + layer.spec->name + "': ";
      if (role.half) {
        check.faults.error("half-list", layer.input_where[port], who + "needs a full edge list, not a half one",
                           "remove 'storage: half' and give both directions of every edge");
      }
      const int row = layer.declaration->receiver_row;
      if (role.receiver < 0 || row < 0 || role.receiver == row) continue;
      check.faults.error(
          "wrong-direction", layer.input_where[port],
          who + "receives at row " + std::to_string(row) + ", but this directed list at row " +
              std::to_string(role.receiver),
          "if the list is written so, declare it with receiver: " + std::to_string(row) + "; else exchange its rows");
    }
  }
  return check.faults.n_errors() == n_errors;
}

}  // namespace kiln
