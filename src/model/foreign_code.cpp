#include "model/foreign_code.h"

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <set>

#include "base/files.h"
#include "base/text.h"
#include "graph/layer_weights.h"
#include "graph/reference_table.h"
#include "graph/wiring.h"
#include "model/torch_reason.h"
#include "operators/torch_target.h"

namespace kiln {

namespace {

/// One layer that names code from outside.
struct CodeLayer {
  const LayerSpec& layer;
  const std::map<std::string, std::string>& copies;
  const Yaml& target;
  const ModelHost& host;
  Diagnostics& faults;

  bool is_allowed() const { return allows_code(host.allow, layer.name, copies); }

  void error(const char* code, const std::string& what, const std::string& hint) const {
    faults.error(code, target.where, "layer '" + layer.name + "': target '" + target.text + "' " + what, hint);
  }
};

/// The text under config.target, if there is one. That a type or the key is misspelt is told by the check: they are
/// read as meant.
const Yaml* target_of(const LayerSpec& layer, const LayerTable& table) {
  const LayerDeclaration* declaration = declaration_meant(layer.type, table);
  if (declaration == nullptr || declaration->name != "ArbitraryModule") return nullptr;
  std::vector<std::string> keys;
  for (const ConfigEntry& entry : declaration->config) keys.push_back(entry.name);
  const Yaml* target = layer.config.find("target");
  for (const auto& [key, value] : layer.config.entries)
    if (target == nullptr && misspelt_name(key.text, keys) == "target") target = &value;
  return target != nullptr && target->kind == Yaml::Kind::text ? target : nullptr;
}

/// Models keep weights as float64, which has gaps from 2^53 on.
void check_integers(const CodeLayer& code, const ForeignModule& module) {
  constexpr double kFirstGap = 9007199254740992.0;
  const auto is_exact = [](double value) { return std::abs(value) < kFirstGap; };
  for (const CallParameter& parameter : module.parameters)
    if (parameter.is_integer && !std::all_of(parameter.initial.begin(), parameter.initial.end(), is_exact))
      code.error("large-integers",
                 "has a buffer '" + parameter.name + "' with integers from 2^53 on, which a model cannot keep",
                 "split them, or make them constants of the code");
}

/// Archives stand beside the file that names them.
std::string archive_path(const std::string& target, const SourcePos& where) {
  return (std::filesystem::path(where.file).parent_path() / target).string();
}

void load_archive(const CodeLayer& code, std::map<std::string, ForeignModule>& foreign) {
  foreign[code.layer.name] = {};  // nothing is known as long as it is not read
  if (!code.is_allowed())
    return code.error(
        "code-not-allowed", "is code that runs when the model does",
        "if you trust where the file comes from, add --allow code:" + written_name(code.copies, code.layer.name));
  if (!code.host.inspect) return;
  ForeignModule& module = foreign[code.layer.name];
  try {
    module = inspect_code(read_file(archive_path(code.target.text, code.target.where)), code.target.text, code.host);
    check_integers(code, module);
  } catch (const Error& error) {
    const Diagnostic& fault = error.diagnostics().front();
    if (fault.code == "no-torch") return void(module.not_read = fault.what);  // the check says that it has not looked
    if (error.kind() == ErrorKind::resources) throw;
    const bool of_file = starts_with(fault.what, "it ");  // "it cannot be read: no such file"
    code.error("unreadable-code", of_file ? fault.what.substr(3) : "cannot be read: " + fault.what, fault.hint);
  } catch (const std::bad_alloc&) {
    throw;
  } catch (const std::exception& error) {
    code.error("not-torchscript", "is no TorchScript archive: " + torch_reason(error.what()),
               "save it with torch.jit.script(module).save(…); a state dict goes to --weights");
  }
}

/// Of torch's own operators the check itself tells.
void load_operator(const CodeLayer& code, std::map<std::string, ForeignModule>& foreign) {
  if (!code.is_allowed()) return;  // told by the check
  const std::optional<ForeignModule> registered = inspect_operator(code.target.text, code.host);
  foreign[code.layer.name] = registered.value_or(ForeignModule{});
  if (registered) return;
  code.error("unknown-target", "is no operator that a library has registered with torch",
             "a library registers its operators when it is loaded: --allow plugin:PATH");
}

PythonCall python_call(const CodeLayer& code, std::uint64_t seed) {
  const Yaml* args = code.layer.config.find("args");
  const Yaml* kwargs = code.layer.config.find("kwargs");
  PythonCall call;
  call.target = code.target.text;
  call.args_json = args == nullptr || args->is_null() ? "[]" : to_canonical_json(*args);
  call.kwargs_json = kwargs == nullptr || kwargs->is_null() ? "{}" : to_canonical_json(*kwargs);
  call.seed = torch_seed(code.layer.weights.seed, code.layer.name, seed);
  return call;
}

/// Of the process itself, or of what it needs: none of the layers is to blame, so it is told once, at the first.
void tell_process(const Error& error, const std::vector<CodeLayer>& layers) {
  for (Diagnostic fault : error.diagnostics()) {
    fault.where = layers.front().target.where;
    layers.front().faults.add({fault});
  }
}

void load_python(const std::vector<CodeLayer>& layers, const ModelHost& host, std::uint64_t seed,
                 std::map<std::string, ForeignModule>& foreign) {
  if (layers.empty()) return;
  std::vector<PythonCall> calls;
  for (const CodeLayer& code : layers) {
    calls.push_back(python_call(code, seed));
    foreign[code.layer.name] = {};  // nothing is known as long as it is not made
  }
  std::vector<ScriptedObject> objects;
  try {
    objects = host.script(calls);
  } catch (const Error& error) {
    return tell_process(error, layers);
  }
  for (std::size_t k = 0; k < layers.size(); ++k) {
    if (!objects[k].fault.empty())
      layers[k].error("not-scripted", "cannot be made a TorchScript module: " + torch_reason(objects[k].fault),
                      "the object must be a torch.nn.Module or a function that torch.jit.script takes");
    check_integers(layers[k], objects[k].module);
    foreign[layers[k].layer.name] = std::move(objects[k].module);
  }
}

/// Of layers, and of what is repeated; each once.
template <class Graph>
std::vector<std::string> names_of_layers(const Graph& graph) {
  std::set<std::string> names;
  for (const auto& layer : graph.layers) names.insert({layer.name, written_name(graph.copies, layer.name)});
  return {names.begin(), names.end()};
}

/// Consent that nothing asks for is perhaps misspelt.
void warn_of_layers(const std::vector<std::string>& names, const std::string& file, const Allowance& allow,
                    Diagnostics& faults) {
  for (const std::string& name : allow.layers)
    if (std::find(names.begin(), names.end(), name) == names.end())
      faults.warning("unused-allowance", SourcePos::whole_file(file),
                     "--allow code:" + name + ": the graph has no layer '" + name + "'", did_you_mean(name, names));
}

void warn_of_packages(const GraphSpec& graph, const ModelHost& host, Diagnostics& faults) {
  for (const std::string& package : host.allow.python) {
    std::vector<std::string> others;
    bool needed = false;
    for (const LayerSpec& layer : graph.layers) {
      const Yaml* target = target_of(layer, table_of(host.layers));
      if (target == nullptr || is_known_target(target->text) || names_archive(target->text)) continue;
      needed = needed || allows_python({{package}, {}, {}}, target->text);
      others.push_back(target->text.substr(0, target->text.rfind('.')));
    }
    if (!needed)
      faults.warning("unused-allowance", SourcePos::whole_file(graph.document.where.file),
                     "--allow python:" + package + ": no layer of the graph has a target in it",
                     did_you_mean(package, others));
  }
}

}  // namespace

std::vector<std::string> files_of(const CheckedGraph& graph) {
  std::set<std::string> files(graph.files.begin(), graph.files.end());
  for (const CheckedLayer& layer : graph.layers) {
    if (graph.foreign.count(layer.name) == 0 || !names_archive(layer.config.text("target"))) continue;
    files.insert(archive_path(layer.config.text("target"), layer.config.where("target")));
  }
  return {files.begin(), files.end()};
}

bool names_archive(const std::string& target) {
  const std::string ending = ending_of(target);
  return ending == ".pt" || ending == ".pth";
}

std::optional<ForeignModule> inspect_operator(const std::string& target, const ModelHost& host) {
  ForeignModule nothing;
  if (!host.inspect_operator || !names_library_operator(target)) return nothing;
  try {
    return host.inspect_operator(target);
  } catch (const Error& error) {
    if (error.diagnostics().front().code != "no-torch") throw;
    nothing.not_read = error.diagnostics().front().what;
    return nothing;
  }
}

ForeignModule inspect_code(const std::string& bytes, const std::string& target, const ModelHost& host) {
  ForeignModule module = host.inspect(bytes);
  if (names_archive(target)) module.arguments_are_bound = false;
  return module;
}

void load_foreign_code(GraphSpec& graph, const ModelHost& host, std::uint64_t seed, Diagnostics& faults) {
  std::vector<CodeLayer> python;
  for (const LayerSpec& layer : graph.layers) {
    const Yaml* target = target_of(layer, table_of(host.layers));
    if (target == nullptr || graph.foreign.count(layer.name) != 0) continue;
    const CodeLayer code{layer, graph.copies, *target, host, faults};
    if (names_operator(target->text)) {
      load_operator(code, graph.foreign);
    } else if (names_archive(target->text)) {
      load_archive(code, graph.foreign);
    } else if (!is_known_target(target->text) && allows_python(host.allow, target->text) && host.script) {
      python.push_back(code);
    }
  }
  load_python(python, host, seed, graph.foreign);
  const auto is_unknown = [](const LayerSpec& layer) { return layer.name == kUnknownLayer; };
  if (graph.layers.empty() || std::any_of(graph.layers.begin(), graph.layers.end(), is_unknown)) return;  // why is told
  warn_of_layers(names_of_layers(graph), graph.document.where.file, host.allow, faults);
  warn_of_packages(graph, host, faults);
}

void warn_of_allowance(const Model& model, const std::string& file, const Allowance& allow, Diagnostics& faults) {
  warn_of_layers(names_of_layers(checked_graph_of(model)), file, allow, faults);
  for (const std::string& package : allow.python)
    faults.warning("unused-allowance", SourcePos::whole_file(file),
                   "--allow python:" + package + ": a model has its code with it and needs no Python");
}

}  // namespace kiln
