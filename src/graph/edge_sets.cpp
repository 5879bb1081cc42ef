#include <algorithm>
#include <cmath>
#include <map>
#include <set>
#include <utility>

#include "base/numbers.h"
#include "graph/graph_checker.h"
#include "graph/locality.h"

namespace kiln {

namespace {

/// A cutoff that a layer says its edges have.
struct Candidate {
  double cutoff = 0.0;
  std::string layer;
  SourcePos where;
};

}  // namespace

bool is_refused(const GraphCheck& check, const SourcePos& where) {
  return std::any_of(check.faults.list.begin(), check.faults.list.end(), [&](const Diagnostic& fault) {
    return fault.severity == Severity::error && stands_at({where}, fault.where);
  });
}

namespace {

/// Whose edges the layer reads, -1: nobody's, as far as is known.
int edge_set_read_by(const GraphCheck& check, int layer) {
  const WiredLayer& wired = check.wired.layers[static_cast<std::size_t>(layer)];
  for (std::size_t port = 0; port < wired.inputs.size(); ++port) {
    const int field = wired.inputs[port].empty() ? -1 : check.field_of(wired.inputs[port][0]);
    const int edge_set = field < 0 ? -1 : check.graph.fields[field].type.edge_set;
    if (edge_set >= 0 && (check.is_good(layer) || !is_refused(check, wired.input_where[port]))) return edge_set;
  }
  return -1;
}

bool declares_cutoff(const LayerDeclaration& declaration) {
  return std::any_of(declaration.config.begin(), declaration.config.end(),
                     [](const ConfigEntry& entry) { return entry.is_cutoff; });
}

/// Per edge set, what stands in configs of the layers that read its edges, whatever else is wrong with them; defaults
/// do not count.
std::vector<std::vector<Candidate>> find_candidates(const GraphCheck& check) {
  std::vector<std::vector<Candidate>> candidates(check.graph.edge_sets.size());
  std::set<std::pair<int, int>> seen;
  for (int i = 0; i < static_cast<int>(check.wired.layers.size()); ++i) {
    const WiredLayer& layer = check.wired.layers[static_cast<std::size_t>(i)];
    const bool has_cutoff = layer.declaration != nullptr && declares_cutoff(*layer.declaration);
    const int edge_set = has_cutoff ? edge_set_read_by(check, i) : -1;
    if (edge_set < 0) continue;
    if (!seen.insert({layer.owner, edge_set}).second) continue;  // an alias says the same
    const Config& config = check.configs[layer.owner];
    for (const ConfigEntry& entry : layer.declaration->config) {
      if (!entry.is_cutoff || config.is_at_fault(entry.name) || !config.given(entry.name)) continue;
      candidates[edge_set].push_back({config.real(entry.name), layer.spec->name, config.where(entry.name)});
    }
  }
  return candidates;
}

void check_given(const EdgeSet& edge_set, const std::vector<Candidate>& candidates, Diagnostics& faults) {
  for (const Candidate& candidate : candidates) {
    if (candidate.cutoff <= edge_set.cutoff) continue;
    faults.error("beyond-cutoff", candidate.where,
                 "layer '" + candidate.layer + "' reaches " + shortest_text(candidate.cutoff) + " Å, but the edges '" +
                     edge_set.name + "' end at " + shortest_text(edge_set.cutoff) + " Å",
                 "raise the cutoff of '" + edge_set.name + "' or lower the layer's");
  }
}

void settle_cutoff(EdgeSet& edge_set, const SourcePos& where, const std::vector<Candidate>& candidates,
                   Diagnostics& faults) {
  if (edge_set.cutoff > 0) return check_given(edge_set, candidates, faults);
  if (candidates.empty()) {
    faults.warning("no-cutoff", where, "nothing says what cutoff the edges '" + edge_set.name + "' have",
                   "write " + edge_set.name + ": {role: edges, cutoff: 5.0}");
    return;
  }
  edge_set.cutoff = candidates[0].cutoff;
  std::string list;
  bool equal = true;
  for (const Candidate& candidate : candidates) {
    equal = equal && candidate.cutoff == edge_set.cutoff;
    list += (list.empty() ? "" : ", ") + shortest_text(candidate.cutoff) + " Å (layer '" + candidate.layer + "')";
  }
  if (equal) return;
  faults.error("several-cutoffs", where, "the edges '" + edge_set.name + "' could have several cutoffs: " + list,
               "write " + edge_set.name + ": {role: edges, cutoff: …}");
}

/// k of edge_index<k>; -1: not such a name.
int stage_of(const std::string& name) {
  static const std::string kPrefix = "edge_index";
  std::int64_t stage = -1;
  if (name.rfind(kPrefix, 0) != 0 || !read_integer(name.substr(kPrefix.size()), stage)) return -1;
  return stage >= 0 && stage < 1000 ? static_cast<int>(stage) : -1;
}

/// Stage h of a staged graph holds the edges of the receivers up to h hops out: a layer needed h hops out must read
/// stage h or a larger one.
void check_stages(const GraphCheck& check, const std::map<int, int>& stages) {
  const CheckedGraph& graph = check.graph;
  const std::vector<int> needed = needed_hops(graph);
  for (std::size_t i = 0; i < graph.layers.size(); ++i) {
    const CheckedLayer& layer = graph.layers[i];
    if (needed[i] < 0 || !layer.declaration->passes_messages()) continue;
    for (const std::vector<int>& port : layer.inputs) {
      const FieldType* type = port.empty() ? nullptr : &graph.fields[port[0]].type;
      if (type == nullptr || type->meaning != Meaning::edge_index || stages.count(type->edge_set) == 0) continue;
      if (stages.at(type->edge_set) >= needed[i]) continue;
      check.faults.error("swapped-stages", layer.where,
                         "layer '" + layer.name + "' is needed " + std::to_string(needed[i]) +
                             (needed[i] == 1 ? " hop" : " hops") + " out, but reads the edges of stage " +
                             std::to_string(stages.at(type->edge_set)),
                         "the first of n convolutions reads edge_index{n-1}, the last edge_index0");
    }
  }
}

void renumber(CheckedGraph& graph, const std::vector<int>& new_index) {
  for (CheckedField& field : graph.fields) {
    if (field.type.edge_set >= 0) field.type.edge_set = new_index[field.type.edge_set];
  }
}

/// Does a smaller stage show: by an output of its edges, or by what sums over them? Then its edges are counted.
bool shows_stage(const CheckedGraph& graph, const std::map<int, int>& stages, int largest) {
  std::vector<bool> of_part;
  for (const CheckedField& field : graph.fields) {
    const FieldType& type = field.type;
    of_part.push_back(type.level == Level::edge && type.edge_set != largest && stages.count(type.edge_set) != 0);
  }
  of_part = with_free_rows(graph, std::move(of_part));
  for (const CheckedOutput& output : graph.outputs)
    if (of_part[output.field]) return true;
  return std::any_of(graph.layers.begin(), graph.layers.end(), [&](const CheckedLayer& layer) {
    return layer.declaration->any_ports && !layer.row_wise && reads_any(layer, of_part);
  });
}

/// Rows and edges of a stage are a prefix of those of the next, so all stages are one edge set: the largest.
void merge_stages(GraphCheck& check) {
  CheckedGraph& graph = check.graph;
  std::map<int, int> stages;  // edge set -> stage
  int largest = -1;
  for (std::size_t s = 0; s < graph.edge_sets.size(); ++s) {
    const int stage = stage_of(graph.edge_sets[s].name);
    if (stage < 0 || graph.geometry[s].positions.empty()) continue;
    if (largest >= 0 && graph.edge_sets[s].cutoff != graph.edge_sets[largest].cutoff) return;
    stages[static_cast<int>(s)] = stage;
    if (largest < 0 || stage > stages[largest]) largest = static_cast<int>(s);
  }
  if (stages.size() < 2) return;
  check_stages(check, stages);
  if (shows_stage(graph, stages, largest)) return;
  std::vector<EdgeSet> edge_sets;
  std::vector<GeometryInput> geometry;
  std::vector<int> new_index(graph.edge_sets.size(), -1), inputs;
  for (int s = 0; s < static_cast<int>(graph.edge_sets.size()); ++s) {
    if (stages.count(s) != 0 && s != largest) continue;
    new_index[s] = static_cast<int>(edge_sets.size());
    edge_sets.push_back(graph.edge_sets[s]);
    geometry.push_back(graph.geometry[s]);
    inputs.push_back(check.edge_set_inputs[s]);
  }
  std::map<int, std::string> parts;  // by stage
  for (const auto& [edge_set, stage] : stages) {
    new_index[edge_set] = new_index[largest];
    if (edge_set != largest) parts[stage] = graph.edge_sets[edge_set].name;
  }
  for (const auto& part : parts) edge_sets[new_index[largest]].parts.push_back(part.second);
  renumber(graph, new_index);
  graph.edge_sets = edge_sets;
  graph.geometry = geometry;
  check.edge_set_inputs = inputs;
}

/// The edges that the layer measures by positions though it could take their shifts, too; -1 if there are none.
int edges_without_shift(const CheckedGraph& graph, const CheckedLayer& layer) {
  bool has_positions = false, leaves_shift_out = false;
  int edge_set = -1;
  for (std::size_t port = 0; port < layer.inputs.size(); ++port) {
    if (layer.inputs[port].empty()) {
      leaves_shift_out = leaves_shift_out || layer.input_names[port] == "shift";
      continue;
    }
    const FieldType& type = graph.fields[layer.inputs[port][0]].type;
    has_positions = has_positions || type.meaning == Meaning::positions;
    if (type.meaning == Meaning::edge_index) edge_set = type.edge_set;
  }
  return has_positions && leaves_shift_out ? edge_set : -1;
}

/// Only what measures edges itself is concerned: training, evaluation and KIM have edge vectors from neighbor lists.
void warn_missing_shifts(const GraphCheck& check) {
  std::set<int> told;
  for (const CheckedLayer& layer : check.graph.layers) {
    const int edge_set = edges_without_shift(check.graph, layer);
    if (edge_set < 0 || !told.insert(edge_set).second) continue;
    check.faults.warning(
        "missing-shift", layer.where,
        "layer '" + layer.name + "' is given no 'shift' of the edges '" + check.graph.edge_sets[edge_set].name +
            "': it is taken as zero",
        "write shift: NAME at its inputs, NAME being a model input {role: shift}; without it a .pt file and `kiln run` "
        "measure no edge to a periodic image right, unless images are atoms of their own");
  }
}

}  // namespace

void settle_edge_sets(GraphCheck& check) {
  CheckedGraph& graph = check.graph;
  const bool quiet = check.faults.has_errors();  // what layers at fault would say may be unknown
  const std::vector<std::vector<Candidate>> candidates = find_candidates(check);
  for (std::size_t s = 0; s < graph.edge_sets.size(); ++s) {
    if (quiet && candidates[s].empty()) continue;
    const SourcePos& where = check.spec.inputs[check.edge_set_inputs[s]].where;
    settle_cutoff(graph.edge_sets[s], where, candidates[s], check.faults);
    graph.inputs[check.edge_set_inputs[s]].cutoff = graph.edge_sets[s].cutoff;
  }
  if (quiet) return;
  merge_stages(check);
  warn_missing_shifts(check);
}

}  // namespace kiln
