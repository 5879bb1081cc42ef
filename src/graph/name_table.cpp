#include "graph/name_table.h"

#include <algorithm>

#include "base/numbers.h"
#include "base/text.h"
#include "graph/layer_faults.h"
#include "graph/reference_table.h"

namespace kiln {

namespace {

bool contains(const std::vector<std::string>& words, const std::string& word) {
  return std::find(words.begin(), words.end(), word) != words.end();
}

/// Index of an output port by number (from the end if negative) or name; -1: there is none.
int output_port(const LayerDeclaration& declaration, const std::string& key) {
  const int n = static_cast<int>(declaration.outputs.size());
  std::int64_t index = 0;
  if (read_integer(key, index)) {
    if (index < 0) index += n;
    return index >= 0 && index < n ? static_cast<int>(index) : -1;
  }
  for (int port = 0; port < n; ++port) {
    if (declaration.outputs[port].name == key) return port;
  }
  return -1;
}

/// The output that is meant by a wrong name: the only one, or the one that it is near to; -1: not known.
int output_meant(const LayerDeclaration& declaration, const std::string& wrong) {
  if (declaration.outputs.size() == 1) return 0;
  const std::string nearest = misspelt_name(wrong, declaration.output_names());
  return nearest.empty() ? -1 : output_port(declaration, nearest);
}

/// A name as the file has it in which the reference stands: in that of a block, without the block's name. "" if that
/// file cannot name it.
std::string as_written(const std::string& name, const Reference& reference) {
  const std::string &text = reference.text, &written = reference.written;
  const bool in_block = !written.empty() && text.size() > written.size() &&
                        text.compare(text.size() - written.size(), written.size(), written) == 0;
  if (!in_block) return name;
  const std::string block = text.substr(0, text.size() - written.size());
  return starts_with(name, block) ? name.substr(block.size()) : "";
}

/// `written`: what names the wrong output, a suffix or an output map.
std::string outputs_hint(const LayerDeclaration& declaration, const std::string& wrong, const std::string& written) {
  std::string hint = did_you_mean(wrong, declaration.output_names());
  if (!hint.empty()) return hint;
  const std::vector<std::string> names = declaration.output_names();
  return names.size() == 1 ? "it has one output: leave the " + written + " out" : "it has the outputs " + joined(names);
}

}  // namespace

NameTable::NameTable(const GraphSpec& graph, std::vector<WiredLayer>& layers, Diagnostics& faults)
    : graph_(graph), layers_(layers) {
  for (int i = 0; i < static_cast<int>(graph.inputs.size()); ++i) {
    names_.insert({graph.inputs[i].name, {Source::Kind::input, i, 0}});
  }
  for (int i = 0; i < static_cast<int>(graph.layers.size()); ++i) {
    const std::string& name = graph.layers[i].name;
    if (names_.insert({name, {Source::Kind::layer, i, 0}}).second) is_layer_[name] = true;  // else an input has it
  }
  for (int i = 0; i < static_cast<int>(graph.layers.size()); ++i) add_output_map(i, faults);
  add_block_outputs(faults);
}

/// Those that are handed on from others come behind these.
void NameTable::add_block_outputs(Diagnostics& faults) {
  for (const bool handed_on : {false, true})
    for (const Reference& output : graph_.block_outputs)
      if (output.handed_on == handed_on) block_outputs_[output.text] = resolve(output, Reader::model_output, faults);
}

/// One output per key, however many references there are; with `compat: klay`, what an output map names stays apart,
/// since it means something else.
Source NameTable::element(int layer, const std::string& key, const SourcePos& where, const std::string& map_name) {
  WiredLayer& wired = layers_[layer];
  const int n = static_cast<int>(wired.output_names.size());
  for (int port = 0; port < n; ++port) {
    const bool same_form = !graph_.compat_klay || wired.output_map_names[port].empty() == map_name.empty();
    if (wired.output_names[port] == key && same_form) return {Source::Kind::layer, layer, port};
  }
  wired.output_names.push_back(key);
  wired.output_where.push_back(where);
  wired.output_map_names.push_back(map_name);
  return {Source::Kind::layer, layer, n};
}

/// `output: {0: name}` of the layers with one output, as KLay reads it.
bool NameTable::takes_row(const LayerDeclaration* declaration, const OutputMapSpec& output) const {
  std::int64_t row = 0;
  return graph_.compat_klay && declaration != nullptr && declaration->outputs.size() == 1 &&
         read_integer(output.key, row);
}

void NameTable::add_output_map(int layer, Diagnostics& faults) {
  const LayerDeclaration* declaration = layers_[layer].declaration;
  for (const OutputMapSpec& output : graph_.layers[layer].output_map) {
    if ((declaration != nullptr && declaration->any_ports) || takes_row(declaration, output)) {
      names_.insert({output.name, element(layer, output.key, output.where, output.name)});
      continue;
    }
    Source source;
    const int port = declaration == nullptr ? -1 : output_port(*declaration, output.key);
    const int meant = port >= 0 || declaration == nullptr ? port : output_meant(*declaration, output.key);
    if (meant >= 0) source = {Source::Kind::layer, layer, meant};
    names_.insert({output.name, source});
    if (declaration == nullptr) continue;
    const LayerFaults of_layer{graph_.layers[layer].name, graph_.compat_klay, faults};
    if (port < 0) {
      of_layer.error("unknown-output", output.where, "has no output '" + output.key + "'",
                     outputs_hint(*declaration, output.key, "output map"));
    } else if (declaration->outputs.size() == 1 && output.name != kUnknownLayer) {
      const bool by_number = output.key != declaration->outputs[0].name;
      of_layer.single_output(output.where, output.name, by_number ? output.key : "");
    }
  }
}

Source NameTable::whole_layer(int layer, const Reference& reference, Diagnostics& faults) const {
  const LayerDeclaration* declaration = layers_[layer].declaration;
  if (declaration == nullptr) return {};
  if (declaration->any_ports || declaration->outputs.size() == 1) return {Source::Kind::layer, layer, 0};
  const std::string& name = graph_.layers[layer].name;
  std::vector<std::string> outputs = declaration->output_names();
  const std::string what = "layer '" + name + "' has several outputs: " + joined(outputs);
  for (std::string& output : outputs) output = as_written(name, reference) + "." + output;
  faults.error("several-outputs", reference.where, what, "write one of them: " + joined(outputs));
  return {};
}

Source NameTable::resolve_port(int layer, const std::string& port, const Reference& reference, Reader reader,
                               Diagnostics& faults) {
  const LayerDeclaration* declaration = layers_[layer].declaration;
  if (declaration == nullptr) return {};
  const std::string& name = graph_.layers[layer].name;
  if (declaration->any_ports && graph_.compat_klay && reader == Reader::layer) {
    faults.warning("needless-suffix", reference.where,
                   "'." + port + "' is ignored, as in KLay: all that layer '" + name + "' gives is passed",
                   "write '" + name + "'");
    return {Source::Kind::layer, layer, 0};
  }
  if (declaration->any_ports) return element(layer, port, reference.where);
  const bool single = declaration->outputs.size() == 1;
  if (single && (graph_.compat_klay || port == "0" || contains(declaration->output_names(), port) ||
                 contains(declaration->input_names(), port))) {
    faults.warning("needless-suffix", reference.where,
                   "layer '" + name + "' has one output; '." + port + "' is ignored",
                   "write '" + as_written(name, reference) + "'");
    return {Source::Kind::layer, layer, 0};
  }
  const int index = single ? -1 : output_port(*declaration, port);
  if (index >= 0) return {Source::Kind::layer, layer, index};
  faults.error("unknown-output", reference.where, "layer '" + name + "' has no output '" + port + "'",
               outputs_hint(*declaration, port, "suffix"));
  const int meant = output_meant(*declaration, port);
  if (meant >= 0) return {Source::Kind::layer, layer, meant};
  return {};
}

Source NameTable::resolve_input(const std::string& name, const Reference& reference, Diagnostics& faults) const {
  const auto found = names_.find(name);
  if (found != names_.end() && found->second.kind == Source::Kind::input) return found->second;
  std::vector<std::string> inputs;
  for (const InputSpec& input : graph_.inputs) inputs.push_back(input.name);
  std::string hint = did_you_mean(name, inputs);
  if (hint.empty() && !inputs.empty()) hint = "model inputs: " + joined(inputs);
  faults.error("unknown-input", reference.where, "there is no model input '" + name + "'", hint);
  return {};
}

/// Copies of a layer all have the same wrong name: it is compared with the others once.
const std::string& NameTable::nearest_to(const std::string& name) {
  const auto [nearest, is_new] = nearest_.insert({name, ""});
  if (!is_new) return nearest->second;
  std::vector<std::string> all;
  for (const auto& [other, source] : names_) all.push_back(other);
  return nearest->second = nearest_name(name, all);
}

/// Where the output of a block leads that the reference names; nullptr if it names none, or something of what one
/// gives.
const Source* NameTable::find_block_output(const Reference& reference) const {
  if (!reference.handed_on) return nullptr;
  std::size_t end = reference.text.size();
  for (; end != std::string::npos && end != 0; end = reference.text.rfind('.', end - 1)) {
    const auto found = block_outputs_.find(reference.text.substr(0, end));
    if (found == block_outputs_.end()) continue;
    const bool whole = end == reference.text.size();
    return whole || !found->second.known() ? &found->second : nullptr;
  }
  return nullptr;
}

Source NameTable::resolve(const Reference& reference, Reader reader, Diagnostics& faults) {
  const Source* handed_on = find_block_output(reference);
  return handed_on != nullptr ? *handed_on : follow(reference, reader, faults);
}

void NameTable::expect_output(const Reference& reference, Diagnostics& faults) {
  const std::string base = reference.text.substr(0, reference.text.find('.'));
  const LayerDeclaration* declaration = is_layer_.count(base) == 0 ? nullptr : layers_[names_[base].index].declaration;
  const bool gives_anything = declaration != nullptr && declaration->any_ports;  // asking adds an output
  if (!reference.handed_on && !gives_anything) follow(reference, Reader::layer, faults);
}

Source NameTable::follow(const Reference& reference, Reader reader, Diagnostics& faults) {
  if (!reference.text.empty() && reference.text.back() == '.') {
    const std::string shown = as_written(reference.text, reference);
    faults.error("bad-reference", reference.where, "'" + shown + "' is not a reference: it ends with a dot",
                 "write '" + shown.substr(0, shown.find_last_not_of('.') + 1) + "', or name a port");
    return {};
  }
  if (!reference.text.empty() && reference.text.front() == '.') {
    const std::string shown = as_written(reference.text, reference);
    faults.error("bad-reference", reference.where, "'" + shown + "' is not a reference: it begins with a dot",
                 "write 'layer', 'layer.port' or 'model_inputs.x'");
    return {};
  }
  const std::size_t dot = reference.text.find('.');
  const std::string base = reference.text.substr(0, dot);
  const std::string rest = dot == std::string::npos ? "" : reference.text.substr(dot + 1);
  if (base == "model_inputs" && dot != std::string::npos) return resolve_input(rest, reference, faults);
  if (base == "model_layers" || base == "model_inputs" || base == "model_params") {
    faults.error("bad-reference", reference.where, "'" + reference.text + "' is not a reference",
                 base == "model_layers" && !rest.empty() ? "write '" + rest + "'"
                                                         : "write 'layer', 'layer.port' or 'model_inputs.x'");
    return {};
  }
  const auto found = names_.find(base);
  if (found == names_.end()) {
    const std::string nearest = as_written(nearest_to(base), reference);
    faults.error("unknown-reference", reference.where,
                 "'" + as_written(base, reference) + "' is neither a model input nor a layer nor the name of an output",
                 nearest.empty() ? "" : "Did you mean '" + nearest + "'?");
    return {};
  }
  if (is_layer_.count(base) != 0) {
    const int layer = found->second.index;
    return dot == std::string::npos ? whole_layer(layer, reference, faults)
                                    : resolve_port(layer, rest, reference, reader, faults);
  }
  if (dot == std::string::npos || !found->second.known()) return found->second;
  if (rest == "0" || graph_.compat_klay) {
    faults.warning("needless-suffix", reference.where, "'" + base + "' is one field; '." + rest + "' is ignored",
                   "write '" + as_written(base, reference) + "'");
    return found->second;
  }
  faults.error("bad-reference", reference.where, "'" + base + "' is one field and has no '" + rest + "'",
               "write '" + as_written(base, reference) + "'");
  return found->second;
}

}  // namespace kiln
