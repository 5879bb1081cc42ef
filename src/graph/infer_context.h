#pragma once

#include <optional>
#include <string>
#include <vector>

#include "graph/config.h"
#include "operators/field.h"
#include "operators/foreign_module.h"

namespace kiln {

struct LayerDeclaration;

/// What `infer` sees: types of the inputs, config; it sets the types of the outputs and reports faults. Inputs may be
/// at fault themselves (FieldType::at_fault), where Kiln's own layers are asked for the faults that do not depend on
/// them. The config is the one of the layer that owns the weights, so that what is inferred for one call holds for its
/// aliases.
struct InferContext {
  Config& config;
  std::vector<std::vector<FieldType*>> inputs = {};       ///< per port; empty vector: not given
  std::vector<SourcePos> input_where = {};                ///< per port: of its first input, else of the port or layer
  std::vector<std::vector<SourcePos>> source_where = {};  ///< per port, of each input
  std::string layer = {};                                 ///< name, for messages
  std::string owner = {};    ///< of the weights: `layer`, or the layer that this alias calls
  std::string written = {};  ///< the owner as the file has it: of a copy, what is repeated
  const LayerDeclaration* declaration = nullptr;
  /// To be filled: one per output port. Those of Kiln's own layers are at fault until they are set, and what is set is
  /// certain, whatever faults are told.
  std::vector<FieldType> outputs = {};
  Diagnostics* faults = nullptr;
  std::vector<std::string> input_names = {};  ///< the declared ports, or the given ones of a layer that takes any
  std::vector<bool> input_lists = {};         ///< per port: given as a list
  /// The declared ports, or what is asked for: "" for the whole, keys of elements (graph/wiring.h). `infer` may replace
  /// keys, by "" where an element turns out to be the whole.
  std::vector<std::string> output_names = {};
  std::vector<SourcePos> output_where = {};        ///< of elements asked for
  std::vector<std::string> output_map_names = {};  ///< of elements that an output map names, else ""
  bool klay = false;                               ///< `compat: klay`
  const ForeignModule* foreign = nullptr;          ///< code from outside that the layer runs
  bool called = true;                              ///< false: a layer of a library that nothing says the inputs of
  bool is_question = false;                        ///< whether there is a fault is all that is asked: one is enough
  bool failed = false;                             ///< to be set where the fault is the owner's, which is told there
  bool row_wise = true;  ///< to be set: no row of an output depends on other rows but through declared senders
  /// To be set where they follow from more than the declaration, once known: the names, without the layer's, of all
  /// that there may be.
  std::optional<std::vector<std::string>> parameters = {};

  FieldType* input(int port) const { return inputs[port].empty() ? nullptr : inputs[port][0]; }
  void error(std::string code, SourcePos where, std::string what, std::string hint = {}) const;
  void warning(std::string code, SourcePos where, std::string what, std::string hint = {}) const;

  /// The input if it has this meaning, else nullptr and an error. An input left out, or at fault itself, gives nullptr
  /// without one.
  const FieldType* expect(int port, Meaning meaning) const;
  /// The input if it is a real field of this level with irreps, else nullptr and an error. A free model input becomes
  /// such a field of `assumed` irreps; without these that is an error, unless a fault is why they are not known.
  const FieldType* expect_real(int port, Level level, const Irreps* assumed = nullptr, int item = 0) const;
  /// The value under `key` must be what was found at the port; it is filled in where it was left out.
  bool agree(const std::string& key, int port, const Irreps& found) const;
  bool agree(const std::string& key, int port, int found) const;
};

/// What to write so that a model input gets this meaning; "" where inputs cannot have it.
std::string role_hint(Meaning meaning);

}  // namespace kiln
