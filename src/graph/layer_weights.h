#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/yaml.h"
#include "graph/layer_faults.h"
#include "graph/lowered_graph.h"

namespace kiln {

struct LayerDeclaration;

/// A parameter of a layer as files name it: `linear.weight`, or a pattern of `kiln layers` such as
/// `product.contraction{k}.nu{nu}`, which means all that match.
struct ParameterName {
  std::string text;
  SourcePos where;
};

struct ParameterInit {
  ParameterName parameter;
  ParameterSpec::Init init = ParameterSpec::Init::constant;
  double value = 0.0;  ///< constant, deviation or bound
};

/// What a layer says of its weights: `freeze`, `init`, `seed`.
struct LayerWeights {
  bool freeze_all = false;
  std::vector<ParameterName> frozen;
  std::vector<ParameterInit> init;
  std::optional<std::uint64_t> seed;
  SourcePos where;  ///< of the first of the three
};

LayerWeights parse_layer_weights(const Yaml& body, const LayerFaults& faults);
/// nullopt without a `seed`, or if it is none, which is told.
std::optional<std::uint64_t> parse_seed(const Yaml& body, const LayerFaults& faults);

/// Names against the declared parameters; `init` of what `config` gives.
void check_layer_weights(const LayerWeights& weights, const LayerDeclaration& declaration, const LayerFaults& faults);

/// Names against those of the parameters that the layer really has (without the layer's name).
void check_layer_weights(const LayerWeights& weights, const std::vector<std::string>& own, const LayerFaults& faults);

/// Words of letters, digits and '_' with dots between them; `{k}` stands for a whole number.
bool is_parameter_name(const std::string& name);

/// Is one of the declared parameters called so, or a pattern that means it?
bool declares_parameter(const LayerDeclaration& declaration, const std::string& name);

/// Carries it into a parameter of the layer.
void apply_layer_weights(const LayerWeights& weights, ParameterSpec& parameter);

/// Seed of torch's generator for the draws of one layer: its own, so that its weights are those of the module made
/// after torch.manual_seed(seed); else one that follows from the run's seed and the layer's name.
std::uint64_t torch_seed(const std::optional<std::uint64_t>& own, const std::string& layer, std::uint64_t run_seed);

/// The `seed` of a block, or of what is repeated, as one layer of several has it: it takes the place of the run's. What
/// is no seed stays as it is, to be told.
Yaml derived_seed(const Yaml& seed, const std::string& layer);

/// freeze, init and seed as they stand in a file.
void write_layer_weights(const LayerWeights& weights, Yaml& body);

}  // namespace kiln
