#include "graph/sub_graph.h"

#include <algorithm>
#include <filesystem>
#include <set>
#include <utility>

#include "base/source_text.h"
#include "base/text.h"
#include "base/unresolved.h"
#include "graph/expand_templates.h"
#include "graph/graph_document.h"
#include "graph/input_role.h"
#include "graph/layer_spec.h"
#include "graph/layer_weights.h"
#include "graph/misspelt_names.h"
#include "graph/repetition.h"
#include "graph/yaml_forms.h"

namespace kiln {

namespace {

namespace fs = std::filesystem;

constexpr int kMaxReads = 1000;

std::string path_of(const Yaml& include) {
  const fs::path path(include.text);
  return (path.is_absolute() ? path : fs::path(include.where.file).parent_path() / path).lexically_normal().string();
}

std::string identity_of(const std::string& path) {
  std::error_code ignored;
  const fs::path whole = fs::weakly_canonical(path, ignored);
  return whole.empty() ? path : whole.string();
}

void mark_included(Yaml& node, const std::string& via) {
  node.where.via = via;
  for (Yaml& item : node.items) mark_included(item, via);
  for (auto& [key, value] : node.entries) {
    key.where.via = via;
    mark_included(value, via);
  }
}

/// Files that include each other never end.
bool check_open(const Yaml& include, const std::string& path, OpenFiles& open, Diagnostics& faults) {
  const std::string identity = identity_of(path);
  const auto first = std::find_if(open.files.begin(), open.files.end(),
                                  [&](const OpenFiles::File& file) { return file.identity == identity; });
  if (first != open.files.end()) {
    std::string chain;
    for (auto file = first; file != open.files.end(); ++file) chain += file->path + " -> ";
    faults.error("include-cycle", include.where, "files include each other in a circle: " + chain + path,
                 "cut one of these includes");
    return false;
  }
  if (++open.n_read <= kMaxReads) return true;
  if (open.n_read == kMaxReads + 1)
    faults.error("too-large", include.where, "more than " + std::to_string(kMaxReads) + " files are included");
  return false;
}

/// A pipe can be read once, and may wait for its writer forever; whoever gives one on the command line knows that.
bool is_pipe(const std::string& path) {
  std::error_code absent;
  return fs::is_fifo(path, absent);
}

/// nullopt, and a fault at `include`, if it cannot be read.
std::optional<Yaml> read_document(const Yaml& include, const std::string& path, Diagnostics& found,
                                  Diagnostics& faults) {
  const auto what = [&](const std::string& why) { return "'" + path + "' cannot be included: " + why; };
  const std::string hint = include.where.via.empty() ? "the path is relative to the file in which it stands" : "";
  if (is_pipe(path)) {
    faults.error("cannot-include", include.where, what("it cannot be read: it is a pipe, not a regular file"), hint);
    return std::nullopt;
  }
  try {
    return read_graph_document(path, found);
  } catch (const Error& e) {
    const std::string why = what(e.diagnostics().front().what);
    if (e.kind() != ErrorKind::data) throw Error(e.kind(), "cannot-include", include.where, why, include.where.via);
    faults.error("cannot-include", include.where, why, hint);
    return std::nullopt;
  }
}

/// The file with every node marked, and its faults as those of an included one.
std::optional<Yaml> read_marked(const Yaml& include, const std::string& path, const std::string& via,
                                Diagnostics& faults) {
  Diagnostics found;
  std::optional<Yaml> document = read_document(include, path, found, faults);
  if (!document) return std::nullopt;
  for (Diagnostic& fault : found.list) {
    fault.where.via = via;
    (fault.severity == Severity::error) ? faults.error(fault.code, fault.where, fault.what, fault.hint)
                                        : faults.warning(fault.code, fault.where, fault.what, fault.hint);
  }
  mark_included(*document, via);
  return document;
}

/// Texts of parameters are resolved in the including file: what looks like an interpolation in them is none.
Yaml with_escapes(Yaml value) {
  if (value.kind == Yaml::Kind::text && !is_unresolved(value)) value.text = escaped_interpolations(value.text);
  for (Yaml& item : value.items) item = with_escapes(std::move(item));
  for (auto& entry : value.entries) entry.second = with_escapes(std::move(entry.second));
  return value;
}

/// Parameters of the including file take the place of the file's own. False if which are meant is not known.
bool set_params(Yaml& document, const Yaml& given, const std::string& path, Diagnostics& faults) {
  bool good = true;
  Yaml* params = document.find("model_params");
  std::vector<std::string> known;
  if (params != nullptr) {
    for (const auto& [name, value] : params->entries)
      if (given.find(name.text) == nullptr) known.push_back(name.text);
  }
  std::set<std::string> meant;
  for (const auto& [name, value] : given.entries) {
    Yaml* own = params == nullptr ? nullptr : params->find(name.text);
    if (own != nullptr) {
      *own = with_escapes(value);
      continue;
    }
    const std::string hint = did_you_mean(name.text, known), nearest = misspelt_name(name.text, known);
    good = good && !nearest.empty() && meant.insert(nearest).second;
    if (!nearest.empty()) *params->find(nearest) = with_escapes(value);
    faults.error("unknown-parameter", name.where, "'" + path + "' has no parameter '" + name.text + "'",
                 !hint.empty()       ? hint
                 : params == nullptr ? "it has no model_params"
                 : known.empty()     ? "it has no others"
                                     : "its other parameters: " + joined(known));
  }
  return good;
}

bool reads_any(const std::set<const Yaml*>& read, const Yaml& node) {
  const auto reads = [&](const Yaml& child) { return reads_any(read, child); };
  return read.count(&node) != 0 || std::any_of(node.items.begin(), node.items.end(), reads) ||
         std::any_of(node.entries.begin(), node.entries.end(), [&](const auto& entry) { return reads(entry.second); });
}

/// Keys that neither the file's own mapping has nor anything in the file reads. A mapping that is read whole may have
/// any keys.
void check_param_keys(const Yaml& own, const Yaml& given, const std::string& path, const std::set<const Yaml*>& read,
                      Diagnostics& faults) {
  if (!own.is_mapping() || read.count(&given) != 0) return;
  std::vector<std::string> known;
  for (const auto& [key, value] : own.entries) known.push_back(key.text);
  for (const auto& [key, value] : given.entries) {
    if (const Yaml* default_value = own.find(key.text)) {
      check_param_keys(*default_value, value, path + "." + key.text, read, faults);
    } else if (!reads_any(read, value)) {
      const std::string hint = did_you_mean(key.text, known);
      faults.error("unknown-parameter", key.where, "nothing reads '" + path + "." + key.text + "'",
                   hint.empty() && !known.empty() ? "it has " + joined(known) : hint);
    }
  }
}

void check_sections(const Yaml& document, Diagnostics& faults) {
  const std::vector<std::string> sections = {"model_params", "model_inputs", "model_layers", "model_outputs"};
  for (const auto& [key, value] : document.entries) {
    if (std::find(sections.begin(), sections.end(), key.text) != sections.end()) continue;
    if (key.text == "compat") {
      faults.error("unknown-section", key.where, "'compat' belongs to the file that includes this one");
    } else {
      faults.warning("unknown-section", key.where, "unknown section '" + key.text + "' is ignored",
                     did_you_mean(key.text, sections));
    }
  }
}

/// A section that must be a mapping.
bool read_section(const Yaml& document, const std::string& name, Yaml& section, Diagnostics& faults) {
  const Yaml* found = document.find(name);
  if (found != nullptr && found->is_mapping()) {
    section = *found;
    return true;
  }
  if (found == nullptr) {
    faults.error("missing-section", document.where, "there is no section '" + name + "'",
                 "an included graph has model_inputs, model_layers and model_outputs");
  } else {
    faults.error("wrong-kind", value_where(document, name), "'" + name + "' must be a mapping, not " + shown(*found));
  }
  return false;
}

bool read_inputs(const Yaml& document, std::vector<std::string>& names, Diagnostics& faults) {
  const Yaml* section = document.find("model_inputs");
  if (section == nullptr || section->is_null()) return true;
  for (const auto& [name, value] : section->entries) {
    names.push_back(name.text);
    if (!is_unresolved(value)) read_input_role({name.text, value, name.where}, faults);  // for its faults alone
  }
  for (const Yaml& name : section->items) names.push_back(name.text);
  if (section->is_mapping() || section->is_sequence()) return true;
  faults.error("wrong-kind", section->where,
               "'model_inputs' must be a mapping or a list of names, not " + shown(*section));
  return false;
}

/// Inside the including file they are parts of names; here they are names as in any graph.
void check_layer_names(const Yaml& layers, const std::vector<std::string>& inputs, Diagnostics& faults) {
  for (const auto& [name, body] : layers.entries) {
    check_name("layer", name.text, name.where, faults);
    if (std::find(inputs.begin(), inputs.end(), name.text) != inputs.end())
      faults.error("name-clash", name.where, "layer '" + name.text + "' has the name of a model input",
                   "rename one of them");
  }
}

bool read_outputs(const Yaml& document, Yaml& outputs, Diagnostics& faults) {
  if (!read_section(document, "model_outputs", outputs, faults)) return false;
  bool good = !outputs.entries.empty();
  if (!good) faults.error("no-outputs", outputs.where, "an included graph needs outputs");
  good = check_output_names(outputs, faults) && good;
  for (auto& [name, source] : outputs.entries) {
    if (source.kind == Yaml::Kind::text) continue;
    faults.error("wrong-kind", source.is_null() ? name.where : source.where,
                 "output '" + name.text + "' must be a reference, not " + shown(source), hint_for_name(source));
    source = unknown_at(name.where);
  }
  return good;
}

/// References of one sub-graph as those of the including file.
struct Renaming {
  const SubGraph& graph;
  const BlockCall& call;
  Diagnostics& faults;

  bool is_input(const std::string& name) const {
    return std::find(graph.inputs.begin(), graph.inputs.end(), name) != graph.inputs.end();
  }

  void input(const std::string& name, const std::string& suffix, Yaml& node) const {
    const auto given = call.inputs.find(name);
    if (given == call.inputs.end() || given->second.is_null()) return;  // told
    const Yaml reference = std::exchange(node, Yaml(given->second));
    if (suffix.empty()) return;
    node.where = reference.where;  // what is wrong with the suffix is wrong here
    if (node.kind == Yaml::Kind::text) {
      node.text = with_suffix(node.text, suffix);
      return;
    }
    faults.error("bad-reference", node.where,
                 "'" + name + "' is given a list in block '" + call.name + "' and has no '" + suffix + "'",
                 "write '" + name + "' for all of it");
    node = unknown_at(reference.where);
  }

  void operator()(Yaml& node) const {
    if (node.text == kUnknownLayer) return;  // told
    const auto [base, suffix] = split_reference(node.text);
    const auto [first, rest] = split_reference(suffix);
    const bool whole = node.text.empty() || node.text.back() != '.';  // else no reference, which is told
    if (whole && base == "model_inputs" && is_input(first)) return input(first, rest, node);
    if (base == "model_layers" || base == "model_params") return;  // told when it is resolved
    if (whole && is_input(base)) return input(base, suffix, node);
    if (node.written.empty()) node.written = node.text;
    node.text =
        base == "model_inputs" ? with_suffix(base, inner_name(call.name, suffix)) : inner_name(call.name, node.text);
  }

  std::string changed(const std::string& reference) const {
    Yaml node = yaml_text(reference);
    (*this)(node);
    return node.text;
  }
};

/// A layer's keys but those that belong to the owner of its weights.
Yaml as_alias(const Yaml& body, const std::string& owner) {
  Yaml alias = yaml_mapping();
  alias.where = body.where;
  Yaml target = yaml_text(owner);
  target.where = body.where;
  yaml_set(alias, "alias", std::move(target));
  for (const auto& [key, value] : body.entries) {
    if (key.text == "inputs" || key.text == "output") alias.entries.emplace_back(key, value);
  }
  return alias;
}

Yaml inner_layer(const Yaml& body, const std::string& name, const Renaming& rename) {
  const BlockCall& call = rename.call;
  if (!body.is_mapping()) return body;
  const bool is_alias = body.find("alias") != nullptr || call.owner != call.name;
  Yaml layer = call.owner == call.name ? body : as_alias(body, inner_name(call.owner, name));
  Yaml* alias = layer.find("alias");
  if (alias != nullptr && call.owner == call.name && alias->kind == Yaml::Kind::text)
    alias->text = inner_name(call.name, alias->text);
  Yaml *inputs = layer.find("inputs"), *outputs = layer.find("output");
  if (inputs != nullptr && inputs->is_mapping()) change_references(*inputs, rename);
  if (outputs != nullptr && outputs->is_mapping())
    change_references(*outputs, [&](Yaml& node) { node.text = inner_name(call.name, node.text); });
  if (!is_alias && call.freeze != nullptr) yaml_set(layer, "freeze", *call.freeze);
  Yaml* own_seed = layer.find("seed");
  if (own_seed != nullptr && call.starts_apart)
    *own_seed = derived_seed(*own_seed, inner_name(call.name, name));
  else if (!is_alias && call.seed != nullptr && own_seed == nullptr)
    yaml_set(layer, "seed", derived_seed(*call.seed, inner_name(call.name, name)));
  return layer;
}

}  // namespace

std::string inner_name(const std::string& block, const std::string& name) { return block + "__" + name; }

void OpenFiles::push(const std::string& path) {
  files.push_back({path, identity_of(path)});
  paths.push_back(path);
}

std::optional<SubGraph> read_sub_graph(const Yaml& include, const std::string& block, const Yaml* params,
                                       OpenFiles& open, Diagnostics& faults) {
  const std::string path = path_of(include);
  if (!check_open(include, path, open, faults)) return std::nullopt;
  const std::string via = "included as '" + block + "' at " + place(include.where) +
                          (include.where.via.empty() ? "" : ", " + include.where.via);
  const std::size_t n_errors = faults.n_errors();
  std::optional<Yaml> marked = read_marked(include, path, via, faults);
  if (!marked) return std::nullopt;
  Yaml& document = *marked;
  if (!document.is_mapping()) {
    if (faults.n_errors() == n_errors)
      faults.error("wrong-kind", include.where, "'" + path + "' is not a graph: a graph is a mapping");
    return std::nullopt;
  }
  if (!open.klay) settle_misspelt_names(document, faults);
  check_sections(document, faults);
  const Yaml* section = document.find("model_params");
  const Yaml own_params = section == nullptr ? Yaml{} : *section;
  const bool has_params = params == nullptr || set_params(document, *params, path, faults);
  const std::set<const Yaml*> read = resolve_interpolations(document, faults, open.environment);
  if (section != nullptr) check_param_keys(own_params, *section, "model_params", read, faults);
  const Yaml whole = document;  // with what the templates take away
  open.push(path);
  SubGraph graph;
  graph.vanished = expand_templates(document, open, faults);
  open.files.pop_back();
  bool good = read_section(document, "model_layers", graph.layers, faults);
  good = read_inputs(document, graph.inputs, faults) && good;
  if (const Yaml* layers = whole.find("model_layers")) check_layer_names(*layers, graph.inputs, faults);
  graph.outputs_known = read_outputs(document, graph.outputs, faults);
  if (!graph.outputs_known) graph.outputs = yaml_mapping();
  graph.params_known = has_params;
  drop_faults_of_unresolved(whole, faults);
  return good ? std::optional<SubGraph>(std::move(graph)) : std::nullopt;
}

void put_in(const SubGraph& graph, const BlockCall& call, Yaml& layers, Diagnostics& faults) {
  const Renaming rename{graph, call, faults};
  for (const auto& [name, body] : graph.layers.entries) {
    Yaml key = name, layer = inner_layer(body, name.text, rename);
    key.text = inner_name(call.name, name.text);
    if (call.n_before > 0) {
      key.where.copy = call.n_before;
      mark_copy(layer, call.n_before);
    }
    layers.entries.emplace_back(std::move(key), std::move(layer));
  }
}

void put_names_in(const SubGraph& graph, const BlockCall& call, ReferenceTable& table, Diagnostics& faults) {
  const Renaming rename{graph, call, faults};
  const ReferenceTable& inner = graph.vanished.references;
  const auto add_block = [&](const std::string& name, ReferenceTable::Outputs outputs) {
    for (auto& [output, source] : outputs) {
      rename(source);
      if (call.n_before > 0) mark_copy(source, call.n_before);
    }
    table.add_block(name, std::move(outputs));
  };
  add_block(call.name, graph.outputs.entries);
  for (const auto& [name, stands_for] : inner.renamed())
    table.rename(inner_name(call.name, name), rename.changed(stands_for));
  for (const auto& [name, outputs] : inner.blocks()) add_block(inner_name(call.name, name), outputs);
  for (Yaml reference : inner.handed_in()) {
    change_references(reference, rename);
    if (call.n_before > 0) mark_copy(reference, call.n_before);
    table.hand_in(std::move(reference));
  }
  for (const auto& [name, n_copies] : inner.forgotten()) table.forget(inner_name(call.name, name), n_copies);
  for (const auto& [name, n_copies] : inner.stand_ins()) table.stand_for_copies(inner_name(call.name, name), n_copies);
}

}  // namespace kiln
