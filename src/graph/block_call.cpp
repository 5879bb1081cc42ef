#include "graph/block_call.h"

#include <algorithm>
#include <set>

#include "base/text.h"

namespace kiln {

namespace {

/// False after a fault.
bool check_source(const Yaml& port, const Yaml& source, const LayerFaults& faults) {
  const auto is_reference = [](const Yaml& node) { return node.kind == Yaml::Kind::text && !node.text.empty(); };
  const bool list = source.is_sequence() && !source.items.empty() &&
                    std::all_of(source.items.begin(), source.items.end(), is_reference);
  if (is_reference(source) || list) return true;
  faults.error("wrong-kind", source.is_null() ? port.where : source.where,
               "input '" + port.text + "' must be a reference, not " + shown(source), hint_for_name(source));
  return false;
}

}  // namespace

void check_block_keys(const Yaml& body, const LayerFaults& faults) {
  const bool is_alias = body.find("include") == nullptr;
  std::vector<std::string> known = {"inputs", "output", "repeat", "carry", "share"};
  if (is_alias) known.push_back("alias");
  if (!is_alias) known.insert(known.end(), {"include", "params", "freeze", "seed"});
  for (const auto& [key, value] : body.entries) {
    if (std::find(known.begin(), known.end(), key.text) != known.end()) continue;
    const std::string hint = did_you_mean(key.text, known);
    faults.error("unknown-key", key.where,
                 std::string(is_alias ? "the alias of a block" : "an include") + " takes no '" + key.text + "'",
                 hint.empty() ? "it takes " + joined(known) : hint);
  }
  const bool repeats = body.find("repeat") != nullptr;
  for (const char* key : {"carry", "share"}) {
    if (body.find(key) == nullptr || repeats) continue;
    faults.error("unknown-key", value_where(body, key), std::string("'") + key + "' goes with 'repeat'");
  }
  const Yaml* output = body.find("output");
  if (output != nullptr && !output->is_mapping() && !output->is_null())
    faults.error("wrong-kind", output->where, "'output' must be a mapping, not " + shown(*output));
  const Yaml* freeze = body.find("freeze");
  if (!is_alias && freeze != nullptr && freeze->kind != Yaml::Kind::boolean)
    faults.error("wrong-kind", value_where(body, "freeze"), "'freeze' of a block must be true or false",
                 "parameters are named where their layer stands, in the included file");
}

Yaml block_inputs(const Yaml& body, const SubGraph& graph, const LayerFaults& faults) {
  Yaml inputs = yaml_mapping();
  const Yaml* given = body.find("inputs");
  const bool known = given == nullptr || given->is_mapping() || given->is_null();
  if (!known) faults.error("wrong-kind", given->where, "'inputs' must be a mapping, not " + shown(*given));
  if (given != nullptr && given->is_mapping()) inputs = *given;
  std::set<std::string> guessed;  // what unknown ports are near to: these are not told to be missing, too
  for (auto& [port, source] : inputs.entries) {
    if (std::find(graph.inputs.begin(), graph.inputs.end(), port.text) == graph.inputs.end()) {
      const std::string hint = did_you_mean(port.text, graph.inputs);
      faults.error("unknown-port", port.where, "has no input '" + port.text + "'",
                   hint.empty() ? "it takes " + joined(graph.inputs) : hint);
      guessed.insert(nearest_name(port.text, graph.inputs));
      const std::string meant = misspelt_name(port.text, graph.inputs);
      if (!meant.empty() && inputs.find(meant) == nullptr) port.text = meant;
    }
    if (!check_source(port, source, faults)) source = unknown_at(port.where);
  }
  for (const std::string& input : graph.inputs) {
    if (inputs.find(input) != nullptr) continue;
    if (known && guessed.count(input) == 0)
      faults.error("missing-input", body.where, "needs the input '" + input + "'");
    yaml_set(inputs, input, unknown_at(body.where));
  }
  return inputs;
}

bool settle_carry(const SubGraph& graph, const LayerFaults& faults, Repetition& repetition) {
  const ReferenceTable::Outputs& outputs = graph.outputs.entries;
  std::vector<std::string> names;
  for (const auto& [name, source] : outputs) names.push_back(name.text);
  bool good = true;
  for (Repetition::Carry& carry : repetition.carry) {
    const bool is_input = std::find(graph.inputs.begin(), graph.inputs.end(), carry.port.text) != graph.inputs.end();
    const std::string meant = is_input ? "" : misspelt_name(carry.port.text, graph.inputs);
    if (!meant.empty()) carry.port.text = meant;  // which is told of the input
    if (carry.output.empty() && outputs.size() == 1) carry.output = outputs.front().first.text;
    if (carry.output.empty()) carry.output = carry.port.text;
    if (const auto* output = find_output(outputs, carry.output)) {
      carry.output = output->first.text;
      continue;
    }
    faults.error("unknown-carry", carry.port.where,
                 "carry: no output '" + carry.output + "' feeds the input '" + carry.port.text + "'",
                 "it has " + joined(names) + "; write 'carry: {" + carry.port.text + ": " + names.front() + "}'");
    good = false;
  }
  return good;
}

}  // namespace kiln
