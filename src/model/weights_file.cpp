#include "model/weights_file.h"

#include <algorithm>
#include <cmath>
#include <set>

#include "base/files.h"
#include "base/numbers.h"
#include "base/text.h"
#include "model/model_file.h"
#include "model/torch_state_dict.h"
#include "operators/aten_text.h"

namespace kiln {
namespace {

using Tensors = std::map<std::string, Tensor>;

/// Names of files -> names of parameters.
struct Names {
  std::set<std::string> parameters;           ///< all there are, of dead layers too
  std::map<std::string, std::string> owners;  ///< alias, or what is repeated with them -> layer whose weights it uses
  std::map<std::string, std::string> in_script;  ///< name in an exported TorchScript module -> parameter
  bool of_script = false;                        ///< the file has those names
  bool has_tables = false;                       ///< ... and the module's constants beside the weights

  Names(const CheckedGraph& graph, const Tensors& file) {
    for (const ParameterSpec& parameter : all_parameters(graph)) {
      parameters.insert(parameter.name);
      in_script[attribute_path(parameter.name)] = parameter.name;
    }
    for (const CheckedLayer& layer : graph.layers)
      if (layer.weight_owner != layer.name) owners[layer.name] = layer.weight_owner;
    for (const auto& [name, first] : graph.shared_names) {
      const auto owner = owners.find(first);
      owners[name] = owner == owners.end() ? first : owner->second;
    }
    const auto n_of = [&](const auto& known) {
      return std::count_if(file.begin(), file.end(), [&](const auto& entry) { return known.count(entry.first) != 0; });
    };
    of_script = n_of(in_script) > n_of(parameters);  // `class_.weight` may be of layer class_, or of layer class
    has_tables = of_script || (owners.count("tables") == 0 &&
                               std::none_of(graph.layers.begin(), graph.layers.end(),
                                            [](const CheckedLayer& layer) { return layer.name == "tables"; }));
  }

  /// What TorchScript keeps beside the weights.
  bool is_table(const std::string& name) const { return has_tables && starts_with(name, "tables."); }

  /// "" if there is no such parameter.
  std::string parameter(const std::string& name) const {
    if (of_script && in_script.count(name) != 0) return in_script.at(name);
    const std::size_t dot = name.find('.');
    if (dot == std::string::npos) return "";
    const auto owner = owners.find(name.substr(0, dot));
    const std::string layer = owner == owners.end() ? name.substr(0, dot) : owner->second, rest = name.substr(dot);
    if (parameters.count(layer + rest) != 0) return layer + rest;
    const std::string klay = starts_with(rest, ".module.") ? layer + rest.substr(7) : "";
    return parameters.count(klay) != 0 ? klay : "";
  }

  /// What a name that fits nothing may be meant for.
  std::vector<std::string> without(const Tensors& file) const {
    std::set<std::string> missing = parameters;
    for (const auto& [name, tensor] : file) missing.erase(parameter(name));
    return {missing.begin(), missing.end()};
  }

  /// The names in the file that fit nothing.
  std::vector<std::string> unknown(const Tensors& file) const {
    std::vector<std::string> names;
    for (const auto& [name, tensor] : file)
      if (parameter(name).empty()) names.push_back(name);
    return names;
  }
};

struct Found {
  std::string name;  ///< in the file
  const Tensor* tensor = nullptr;
};

bool equal(const Tensor& a, const Tensor& b) { return a.dtype == b.dtype && a.shape == b.shape && a.bytes == b.bytes; }

/// Parameter -> what the file has for it.
std::map<std::string, Found> find_tensors(const Tensors& tensors, const Names& names, const SourcePos& where,
                                          Diagnostics& faults) {
  std::map<std::string, Found> found;
  const std::vector<std::string> missing = names.without(tensors);
  for (const auto& [name, tensor] : tensors) {
    if (names.is_table(name)) continue;
    const std::string parameter = names.parameter(name);
    if (parameter.empty()) {
      faults.error("unknown-weight", where, "the graph has no parameter '" + name + "'", did_you_mean(name, missing));
      continue;
    }
    const auto [place, is_new] = found.emplace(parameter, Found{name, &tensor});
    if (is_new || equal(*place->second.tensor, tensor)) continue;
    faults.error("unequal-aliases", where,
                 "'" + place->second.name + "' and '" + name + "' are one parameter of the graph, but differ",
                 "an alias uses the weights of its layer: leave one of them out");
  }
  return found;
}

void warn_of_not_finite(const Found& found, const Array& array, const SourcePos& where, Diagnostics& faults) {
  const auto n =
      std::count_if(array.data.begin(), array.data.end(), [](double value) { return !std::isfinite(value); });
  if (n > 0)
    faults.warning("not-finite", where,
                   "'" + found.name + "' has " + std::to_string(n) + " numbers of " + std::to_string(array.size()) +
                       " that are not finite: what is computed from them is not either",
                   "Did the training that wrote them diverge?");
}

void assign(const ParameterSpec& parameter, const Found& found, const SourcePos& where, Weights& weights,
            Diagnostics& faults) {
  const Tensor& tensor = *found.tensor;
  if (tensor.shape != parameter.shape) {
    faults.error("misshapen-weight", where,
                 "'" + found.name + "' has the shape " + list_text(tensor.shape) + ", the graph wants " +
                     list_text(parameter.shape));
    return;
  }
  Array& array = weights[parameter.name];
  array = tensor.dtype == TensorDType::u8 ? Array{tensor.shape, {tensor.bytes.begin(), tensor.bytes.end()}}
                                          : to_array(tensor);
  warn_of_not_finite(found, array, where, faults);
}

/// By its first bytes, a zip archive or a pickle; or by its name, unless a header of safetensors begins it: a file of
/// torch that lost its beginning is a damaged file of torch.
bool is_torch_file(const std::string& bytes, const std::string& path) {
  if (starts_with(bytes, "PK") || starts_with(bytes, "\x80\x02")) return true;
  const bool is_safetensors = bytes.size() > 8 && bytes[8] == '{';
  return !is_safetensors && (ending_of(path) == ".pt" || ending_of(path) == ".pth");
}

}  // namespace

std::map<std::string, Tensor> read_weights_file(const std::string& path) {
  const std::string bytes = read_file(path);
  if (is_torch_file(bytes, path)) return read_torch_state_dict(bytes, path);
  if (ending_of(path) == ".kiln") return model_weights(bytes, path);
  TensorFile file = read_safetensors(bytes, path);
  return file.metadata.count("kiln") == 0 ? std::move(file.tensors) : model_weights(bytes, path);
}

void assign_weights(const std::map<std::string, Tensor>& tensors, const CheckedGraph& graph,
                    const std::vector<ParameterSpec>& parameters, const std::string& file, Weights& weights,
                    Diagnostics& faults) {
  const SourcePos where = SourcePos::whole_file(file);
  const Names names(graph, tensors);
  const std::map<std::string, Found> found = find_tensors(tensors, names, where, faults);
  const std::vector<std::string> unknown = names.unknown(tensors);
  for (const ParameterSpec& parameter : parameters) {
    const auto place = found.find(parameter.name);
    if (place != found.end()) {
      assign(parameter, place->second, where, weights, faults);
    } else {
      const std::string guess = did_you_mean(parameter.name, unknown);
      faults.error("missing-weight", where, "there is no weight '" + parameter.name + "'", guess);
    }
  }
}

void load_weights(const std::string& path, const CheckedGraph& graph, const std::vector<ParameterSpec>& parameters,
                  Weights& weights, Diagnostics& faults) {
  Diagnostics of_weights;
  assign_weights(read_weights_file(path), graph, parameters, path, weights, of_weights);
  throw_if_errors(of_weights, ErrorKind::data);
  faults.add(of_weights.list);
}

}  // namespace kiln
