#include "graph/expand_templates.h"

#include <algorithm>
#include <map>
#include <set>
#include <unordered_map>

#include "base/numbers.h"
#include "base/source_text.h"
#include "base/unresolved.h"
#include "base/yaml_limits.h"
#include "graph/block_call.h"
#include "graph/copies_alike.h"
#include "graph/graph_document.h"
#include "graph/layer_faults.h"
#include "graph/layer_spec.h"
#include "graph/repetition.h"
#include "graph/yaml_forms.h"

namespace kiln {

namespace {

constexpr std::size_t kMaxLayers = 10000;
constexpr std::size_t kNodesOfName = 10;   ///< what a name takes that vanishes, as values of a document
constexpr std::size_t kNodesOfOutput = 4;  ///< what an output of a block takes

/// What the layers became is more than any graph has.
struct TooLarge {};

/// A block as other layers may call it again.
struct Block {
  const SubGraph* graph = nullptr;
  std::string owner;  ///< the block that has the weights
};

/// Where a name of the file stands, and whether it is gone once the file is expanded.
struct Name {
  SourcePos where;
  bool vanishes = false;
  bool is_only = true;  ///< false: something else has it, too, which is told
};

/// The layers of one file.
class Expansion {
 public:
  Expansion(Yaml& document, OpenFiles& open, Diagnostics& faults)
      : document_(document), layers_(*document.find("model_layers")), open_(open), faults_(faults) {}

  VanishedNames run() {
    const std::size_t n_errors = faults_.n_errors();
    expanded_ = yaml_mapping();
    expanded_.where = layers_.where;
    for (const auto& [name, body] : layers_.entries) bodies_.emplace(name.text, &body);
    for (const auto& [name, body] : layers_.entries) read_block(name, body);
    claim_names();
    for (const auto& [name, body] : layers_.entries) expand(name, body);
    bodies_.clear();
    layers_ = std::move(expanded_);
    rewrite_references();
    const bool is_any_unknown = !table_.forgotten().empty() || !table_.stand_ins().empty();
    if (faults_.n_errors() > n_errors || is_any_unknown) layers_.entries.push_back(unknown_layer());
    return {std::move(table_), std::move(shared_), certain_copies()};
  }

 private:
  /// What is said of copies is said of nothing else that has their names.
  std::map<std::string, std::string> certain_copies() const {
    const auto is_only = [&](const std::string& name) {
      const auto found = names_.find(name);
      return found == names_.end() || found->second.is_only;
    };
    std::map<std::string, std::string> copies;
    for (const auto& [copy, written] : copies_)
      if (is_only(copy) && is_only(written)) copies.emplace(copy, written);
    return copies;
  }

  std::pair<Yaml, Yaml> unknown_layer() const {
    Yaml name = yaml_text(kUnknownLayer), body = yaml_mapping();
    name.where = body.where = layers_.where;
    body.incomplete = true;
    return {std::move(name), std::move(body)};
  }

  /// Calls `use` with the name of a layer and those of its outputs, and how many copies it has.
  template <class Use>
  void for_each_name(const Yaml& name, const Yaml& body, const Use& use) {
    const std::optional<Repetition>& repetition = repetition_of(name.text, body);
    const int n_copies = !repetition ? 0 : repetition->n > 0 ? repetition->n : ReferenceTable::kAnyNumber;
    use(name.text, n_copies);
    const Yaml* outputs = body.find("output");
    if (outputs == nullptr) return;
    for (const auto& [key, output] : outputs->entries) use(output.text, n_copies);
  }

  /// The layer is at fault, which is told.
  void forget(const Yaml& name, const Yaml& body) {
    for_each_name(name, body, [&](const std::string& named, int n_copies) { table_.forget(named, n_copies); });
  }

  /// How many copies there are, or how one feeds the next, is at fault. Where they are alike, they are all what one of
  /// them is.
  void let_one_stand_for_all(const Yaml& name, const Yaml& body, bool are_alike) {
    for_each_name(name, body, [&](const std::string& named, int n_copies) {
      for (int k = 0; k < n_copies; ++k) claim(copy_name(named, k), name.where, true);
      if (are_alike) table_.stand_for_copies(named, n_copies);
    });
    if (!are_alike) forget(name, body);
  }

  /// A block of which nothing is known. Why is told, but not what else is wrong with it: a layer that gives nothing
  /// reads what it reads.
  void forget_block(const Yaml& name, const Yaml& body) {
    const LayerFaults faults = faults_of(name.text);
    check_block_keys(body, faults);
    if (body.find("include") != nullptr) parse_seed(body, faults);  // an alias takes none
    const std::string& end = end_of_aliases(name.text);
    auto block = blocks_.find(end);
    if (block == blocks_.end()) block = blocks_.find(end.substr(0, end.rfind('_')));  // of which that is a copy
    if (block != blocks_.end()) check_use(name, body, *block->second.graph);
    forget(name, body);
    Yaml reader = yaml_mapping();
    reader.where = body.where;
    reader.incomplete = true;
    for (const auto& [key, value] : body.entries)
      if (key.text == "inputs" || key.text == "output") reader.entries.emplace_back(key, value);
    add(name, std::move(reader));
  }

  /// What an alias of a block says of its ports and outputs, where the block's own repetition is at fault.
  void check_use(const Yaml& name, const Yaml& body, const SubGraph& graph) {
    const LayerFaults faults = faults_of(name.text);
    block_inputs(body, graph, faults);
    std::optional<Repetition>& repetition = repetition_of(name.text, body);
    if (repetition) can_carry(graph, name, *repetition);
    if (graph.outputs_known) tell_unknown_outputs(body, graph, faults);
  }

  LayerFaults faults_of(const std::string& layer) { return {layer, false, faults_}; }

  bool is_template(const Yaml& name, const Yaml& body) {
    if (body.find("include") != nullptr || body.find("repeat") != nullptr) return true;
    return body.find("alias") != nullptr && block_of(name.text) != nullptr;
  }

  /// A name that vanishes must clash with no other, or references would go astray; other clashes are told later.
  void claim(const std::string& name, const SourcePos& where, bool vanishes) {
    const auto [other, is_new] = names_.insert({name, {where, vanishes}});
    if (!vanishes) table_.keep(name);
    other->second.is_only = is_new;
    if (is_new || !(vanishes || other->second.vanishes)) return;
    if (is_identifier(name))  // else that it is no name is told
      faults_.error("name-clash", where, "'" + name + "' is the name of two things",
                    "'" + name + "' is also at " + place(other->second.where) + "; rename one of them");
    table_.forget(name, ReferenceTable::kAnyNumber);
  }

  void claim_names() {
    if (const Yaml* inputs = document_.find("model_inputs")) {
      for (const auto& [name, value] : inputs->entries) claim(name.text, name.where, false);
      for (const Yaml& name : inputs->items) claim(name.text, name.where, false);
    }
    for (const auto& [name, body] : layers_.entries) claim(name.text, name.where, is_template(name, body));
    for (const auto& [name, body] : layers_.entries) {
      const Yaml* outputs = body.find("output");
      if (outputs == nullptr) continue;
      for (const auto& [key, output] : outputs->entries) claim(output.text, output.where, is_template(name, body));
    }
  }

  /// Includes are read first: aliases may stand before what they call.
  void read_block(const Yaml& name, const Yaml& body) {
    const Yaml* include = body.find("include");
    if (include == nullptr) return;
    if (include->kind != Yaml::Kind::text || include->text.empty() || is_unresolved(*include)) {
      faults_of(name.text).error("wrong-kind", value_where(body, "include"),
                                 "'include' must be the path of a file, not " + shown(*include));
      return;
    }
    const Yaml* params = body.find("params");
    if (params != nullptr && !params->is_mapping() && !params->is_null()) {
      faults_of(name.text).error("wrong-kind", params->where, "'params' must be a mapping, not " + shown(*params));
    }
    const bool has_params = params == nullptr || params->is_mapping() || params->is_null();
    std::optional<SubGraph> graph = read_sub_graph(*include, name.text, has_params ? params : nullptr, open_, faults_);
    if (!graph) return;
    graph->params_known = graph->params_known && has_params;
    const SubGraph* kept = &graphs_.insert({name.text, std::move(*graph)}).first->second;
    std::optional<Repetition>& repetition = repetition_of(name.text, body);
    if (repetition) repetition->good = can_carry(*kept, name, *repetition) && repetition->good;
    blocks_[name.text] = {kept, name.text};
    if (!repetition || !repetition->good) return;
    for (int k = 0; k < repetition->n; ++k) {
      const std::string owner = copy_name(name.text, repetition->share ? 0 : k);
      blocks_[copy_name(name.text, k)] = blocks_[name.text] = {kept, owner};
    }
  }

  std::optional<Repetition>& repetition_of(const std::string& name, const Yaml& body) {
    const auto known = repetitions_.find(name);
    if (known != repetitions_.end()) return known->second;
    return repetitions_[name] = parse_repetition(body, faults_of(name));
  }

  /// The layer of this name or, of a copy, what is repeated; nullptr if there is none.
  const Yaml* body_of(const std::string& name) {
    const auto own = bodies_.find(name);
    if (own != bodies_.end()) return own->second;
    const std::size_t underscore = name.rfind('_');
    const auto repeated = bodies_.find(name.substr(0, underscore));
    std::int64_t k = 0;
    const bool is_copy = repeated != bodies_.end() && repeated->second->find("repeat") != nullptr &&
                         read_integer(name.substr(underscore + 1), k) && k >= 0;
    if (!is_copy) return nullptr;
    const std::optional<Repetition>& repetition = repetition_of(repeated->first, *repeated->second);
    return k < repetition->n || repetition->n == 0 ? repeated->second : nullptr;
  }

  bool can_carry(const SubGraph& graph, const Yaml& name, Repetition& repetition) {
    return graph.outputs_known && settle_carry(graph, faults_of(name.text), repetition);
  }

  /// The name at the end of a chain of aliases; some name of it if the chain is a circle. For when all blocks are
  /// read: each step is followed once.
  const std::string& end_of_aliases(const std::string& name) {
    std::vector<std::string> chain = {name};
    std::set<std::string> seen;
    while (ends_.count(chain.back()) == 0 && blocks_.count(chain.back()) == 0 && seen.insert(chain.back()).second) {
      const Yaml* body = body_of(chain.back());
      const Yaml* alias = body != nullptr && body->find("include") == nullptr ? body->find("alias") : nullptr;
      if (alias == nullptr) break;
      chain.push_back(alias->text);
    }
    const auto known = ends_.find(chain.back());
    const std::string end = known == ends_.end() ? chain.back() : known->second;
    for (const std::string& step : chain) ends_[step] = end;
    return ends_[name];
  }

  /// The block that a name or an alias means; nullptr: it means something else, or one whose repetition is at fault:
  /// what its copies read may differ.
  const Block* block_of(const std::string& name) {
    const std::string& end = end_of_aliases(name);
    const auto block = blocks_.find(end);
    const auto body = bodies_.find(end);
    if (block == blocks_.end()) return nullptr;
    if (end == name || body == bodies_.end()) return &block->second;
    const std::optional<Repetition>& repetition = repetition_of(end, *body->second);
    return repetition && !repetition->good ? nullptr : &block->second;
  }

  /// Is it a block, or an alias of one, whether it could be read or not?
  bool leads_to_include(const std::string& name) {
    const Yaml* body = body_of(end_of_aliases(name));
    return body != nullptr && body->find("include") != nullptr;
  }

  void expand(const Yaml& name, const Yaml& body) {
    const Yaml* alias = body.find("alias");
    const bool is_include = body.find("include") != nullptr;
    const Block* block = is_include || alias != nullptr ? block_of(name.text) : nullptr;
    if (block == nullptr && leads_to_include(name.text)) return forget_block(name, body);
    if (block != nullptr) {
      expand_block(name, body, *block);
    } else if (body.find("repeat") != nullptr) {
      expand_layer(name, body);
    } else {
      add(name, body);
    }
  }

  void add(Yaml name, Yaml body) {
    spend(size_of(body).nodes, name.where);
    if (expanded_.entries.size() >= kMaxLayers) fail_too_large(name.where);
    expanded_.entries.emplace_back(std::move(name), std::move(body));
  }

  void spend(std::size_t n_nodes, const SourcePos& where) {
    n_nodes_ += n_nodes;
    if (n_nodes_ > YamlLimits::nodes) fail_too_large(where);
  }

  [[noreturn]] void fail_too_large(const SourcePos& where) {
    faults_.error("too-large", where,
                  "the graph has more than " + std::to_string(kMaxLayers) + " layers, or more than " +
                      std::to_string(YamlLimits::nodes) + " values, once it is expanded",
                  "lower 'repeat'");
    throw TooLarge();
  }

  /// A layer that no file names so: `mix_0`, `block__mix`.
  void add_expanded(Yaml name, Yaml body) {
    claim(name.text, name.where, false);
    if (const Yaml* outputs = body.find("output")) {
      for (const auto& [key, output] : outputs->entries) claim(output.text, output.where, false);
    }
    add(std::move(name), std::move(body));
  }

  void expand_layer(const Yaml& name, const Yaml& body) {
    const std::optional<Repetition>& repetition = repetition_of(name.text, body);
    if (!repetition->good) {  // told: what else is wrong is that of one copy
      const Yaml* owner = body_of(end_of_aliases(name.text));
      let_one_stand_for_all(name, body, owner != nullptr && gives_alike(*owner));
      expect_carried(name, body, *repetition);
      return add(name, layer_without_repetition(body));
    }
    for (int k = 0; k < repetition->n; ++k) {
      Yaml key = name, copy = copy_of_layer(body, name.text, *repetition, k);
      key.text = copy_name(name.text, k);
      key.where.copy = k;
      if (k > 0) mark_copy(copy, k);
      copies_[key.text] = name.text;
      add_expanded(std::move(key), std::move(copy));
    }
    if (repetition->n == 1) expect_carried(name, body, *repetition);
    const int last = repetition->n - 1;
    table_.rename(name.text, copy_name(name.text, last));
    if (repetition->share || body.find("alias") != nullptr) shared_[name.text] = copy_name(name.text, 0);
    if (const Yaml* outputs = body.find("output")) {
      for (const auto& [key, output] : outputs->entries) table_.rename(output.text, copy_name(output.text, last));
    }
  }

  /// What feeds the second copy must be there, though there is none.
  void expect_carried(const Yaml& name, const Yaml& body, const Repetition& repetition) {
    const Yaml* inputs = body.find("inputs");
    if (inputs == nullptr) return;
    const Yaml fed = inputs_of_copy(*inputs, name.text, repetition, 1);
    for (const Repetition::Carry& carry : repetition.carry)
      if (const Yaml* before = fed.find(carry.port.text)) table_.hand_in(*before);
  }

  void expand_block(const Yaml& name, const Yaml& body, const Block& block) {
    const LayerFaults faults = faults_of(name.text);
    check_block_keys(body, faults);
    std::optional<Repetition> repetition = repetition_of(name.text, body);
    const Yaml inputs = block_inputs(body, *block.graph, faults);
    const bool is_alias = body.find("include") == nullptr;  // the carry of an include is settled
    if (repetition && is_alias) repetition->good = can_carry(*block.graph, name, *repetition) && repetition->good;
    const bool repeats = repetition && repetition->good;  // else it stands for one copy
    BlockCall call = call_without_name(body, faults);
    for (int k = 0; k < (repeats ? repetition->n : 1); ++k) {
      call.name = repeats ? copy_name(name.text, k) : name.text;
      call.owner = is_alias ? block.owner : blocks_.at(call.name).owner;
      call.starts_apart = k > 0;
      call.n_before = is_alias ? k + 1 : k;
      if (repeats) claim(call.name, name.where, true);
      expand_call(name, *block.graph, call, repeats ? inputs_of_copy(inputs, name.text, *repetition, k) : inputs);
      if (block.graph->outputs_known) name_outputs(body, *block.graph, call.name, repeats ? k : -1, faults);
    }
    if (!block.graph->outputs_known || !block.graph->params_known) {
      forget(name, body);
      table_.keep_inside(name.text);
    } else if (repetition && !repeats) {
      let_one_stand_for_all(name, body, gives_alike(*block.graph));
      table_.keep_inside(name.text);
    }
    if (!repeats) return;
    table_.rename(name.text, copy_name(name.text, repetition->n - 1));
    name_last_copy(name, *block.graph, *repetition, is_alias);
  }

  /// What all copies have in common.
  BlockCall call_without_name(const Yaml& body, const LayerFaults& faults) {
    BlockCall call;
    const Yaml* freeze = body.find("freeze");
    call.freeze = freeze != nullptr && freeze->kind == Yaml::Kind::boolean ? freeze : nullptr;  // else told
    const bool has_seed = body.find("include") != nullptr && parse_seed(body, faults);          // an alias takes none
    call.seed = has_seed ? body.find("seed") : nullptr;
    return call;
  }

  /// Puts the layers and names of the block in the place of its name.
  void expand_call(const Yaml& name, const SubGraph& graph, BlockCall call, const Yaml& inputs) {
    for (const auto& [port, source] : inputs.entries) {
      call.inputs[port.text] = source;
      table_.hand_in(source);
    }
    Yaml layers = yaml_mapping();
    put_in(graph, call, layers, faults_);
    for (auto& [inner, layer] : layers.entries) add_expanded(std::move(inner), std::move(layer));
    record_copies(name.text, graph, call.name);
    spend_outputs(graph, name.where);
    put_names_in(graph, call, table_, faults_);
    name_vanished(name, graph, call.name);
  }

  /// The layers of one call of a block that are copies in its file, or copies with it.
  void record_copies(const std::string& name, const SubGraph& graph, const std::string& call) {
    for (const auto& [inner, body] : graph.layers.entries) {
      const std::string written = written_name(graph.vanished.copies, inner.text);
      if (call != name || written != inner.text) copies_[inner_name(call, inner.text)] = inner_name(name, written);
    }
  }

  void spend_outputs(const SubGraph& graph, const SourcePos& where) {
    std::size_t n = graph.outputs.entries.size() + graph.inputs.size();
    for (const auto& [block, outputs] : graph.vanished.references.blocks()) n += outputs.size();
    spend(kNodesOfOutput * n, where);
  }

  /// What has vanished in the block's file is no name for anything else in this one either.
  void name_vanished(const Yaml& name, const SubGraph& graph, const std::string& call) {
    const ReferenceTable& vanished = graph.vanished.references;
    spend(kNodesOfName * (vanished.renamed().size() + vanished.blocks().size()), name.where);
    for (const auto& [inner, to] : vanished.renamed()) claim(inner_name(call, inner), name.where, true);
    for (const auto& [inner, outputs] : vanished.blocks()) claim(inner_name(call, inner), name.where, true);
    for (const auto& [inner, owner] : graph.vanished.shared) shared_[inner_name(call, inner)] = inner_name(call, owner);
  }

  /// As the block's name is that of its last copy, so is what is inside.
  void name_last_copy(const Yaml& name, const SubGraph& graph, const Repetition& repetition, bool is_alias) {
    const std::string first = copy_name(name.text, 0), last = copy_name(name.text, repetition.n - 1);
    const auto name_inner = [&](const std::string& inner) {
      claim(inner_name(name.text, inner), name.where, true);
      table_.rename(inner_name(name.text, inner), inner_name(last, inner));
    };
    const bool shares = repetition.share || is_alias;
    for (const auto& [inner, body] : graph.layers.entries) {
      name_inner(inner.text);
      if (shares) shared_[inner_name(name.text, inner.text)] = inner_name(first, inner.text);
      const Yaml* outputs = body.find("output");
      if (outputs == nullptr) continue;
      for (const auto& [key, output] : outputs->entries) name_inner(output.text);
    }
    for (const auto& [inner, to] : graph.vanished.references.renamed()) name_inner(inner);
    for (const auto& [inner, outputs] : graph.vanished.references.blocks()) name_inner(inner);
    for (const auto& [inner, n_copies] : graph.vanished.references.forgotten())
      table_.forget(inner_name(name.text, inner), n_copies);
    for (const auto& [inner, n_copies] : graph.vanished.references.stand_ins())
      table_.stand_for_copies(inner_name(name.text, inner), n_copies);
    if (!shares) return;
    for (const auto& [inner, owner] : graph.vanished.shared)
      shared_[inner_name(name.text, inner)] = inner_name(first, owner);
  }

  void tell_unknown_outputs(const Yaml& body, const SubGraph& graph, const LayerFaults& faults) {
    const Yaml* map = body.find("output");
    if (map == nullptr) return;
    for (const auto& [key, output] : map->entries) {
      const bool is_output = find_output(graph.outputs.entries, key.text) != nullptr;
      if (!is_output) faults.error("unknown-output", key.where, "has no output '" + key.text + "'");
      check_output_name(output, faults);
    }
  }

  /// Names of the output map; those of copy k (-1: not repeated) are `name_k`, and `name` is the last one's.
  void name_outputs(const Yaml& body, const SubGraph& graph, const std::string& block, int k,
                    const LayerFaults& faults) {
    const Yaml* map = body.find("output");
    if (map == nullptr) return;
    if (k <= 0) tell_unknown_outputs(body, graph, faults);
    for (const auto& [key, output] : map->entries) {
      const auto* found = find_output(graph.outputs.entries, key.text);
      if (found == nullptr) found = output_meant(graph.outputs.entries, key.text);
      if (found == nullptr) table_.forget(output.text, ReferenceTable::kAnyNumber);
      if (found == nullptr) continue;
      table_.rename(output.text, block + "." + found->first.text);
      if (k < 0) continue;
      claim(copy_name(output.text, k), output.where, true);
      table_.rename(copy_name(output.text, k), block + "." + found->first.text);
    }
  }

  void rewrite_references() {
    table_.resolve_block_outputs(faults_);
    table_.resolve_handed_in(faults_);
    const auto resolve = [this](Yaml& node) { table_.resolve(node, faults_); };
    for (auto& [name, body] : layers_.entries) {
      Yaml* inputs = body.find("inputs");
      if (inputs != nullptr && inputs->is_mapping()) change_references(*inputs, resolve);
      Yaml* alias = body.find("alias");
      if (alias != nullptr && alias->kind == Yaml::Kind::text) table_.resolve_alias(*alias);
    }
    Yaml* outputs = document_.find("model_outputs");
    if (outputs != nullptr && outputs->is_mapping()) change_references(*outputs, resolve);
  }

  Yaml& document_;
  Yaml& layers_;
  OpenFiles& open_;
  Diagnostics& faults_;
  Yaml expanded_;
  std::size_t n_nodes_ = 0;
  std::map<std::string, Name> names_;
  std::map<std::string, SubGraph> graphs_;
  std::unordered_map<std::string, const Yaml*> bodies_;  ///< of the layers of the file
  std::map<std::string, Block> blocks_;
  std::unordered_map<std::string, std::string> ends_;  ///< of chains of aliases
  std::map<std::string, std::optional<Repetition>> repetitions_;
  ReferenceTable table_;
  std::map<std::string, std::string> shared_, copies_;
};

bool has_templates(const Yaml& layers) {
  return std::any_of(layers.entries.begin(), layers.entries.end(), [](const auto& entry) {
    return entry.second.find("include") != nullptr || entry.second.find("repeat") != nullptr;
  });
}

}  // namespace

VanishedNames expand_templates(Yaml& document, OpenFiles& open, Diagnostics& faults) {
  Yaml* layers = document.find("model_layers");
  if (layers == nullptr || !layers->is_mapping()) return {};
  if (!has_templates(*layers)) return {};
  try {
    return Expansion(document, open, faults).run();
  } catch (const TooLarge&) {
    *document.find("model_layers") = yaml_mapping();
    return {};
  }
}

ExpandedTemplates expand_templates(Yaml& document, Diagnostics& faults, const Environment& environment) {
  OpenFiles open;
  open.environment = environment;
  open.push(document.where.file);
  open.klay = asks_for_klay(document);
  VanishedNames vanished = expand_templates(document, open, faults);
  return {open.paths, std::move(vanished)};
}

}  // namespace kiln
