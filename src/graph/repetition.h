#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "graph/layer_faults.h"
#include "graph/yaml_forms.h"

namespace kiln {

/// `repeat: n` with `carry` and `share`: n copies, each fed by the one before it.
struct Repetition {
  struct Carry {
    Yaml port;           ///< the scalar that names it
    std::string output;  ///< of the copy before, "" for the one that there is
  };
  int n = 0;  ///< 0: not known
  std::vector<Carry> carry;
  bool share = false;  ///< one set of weights
  bool good = true;    ///< false: a fault is told; what is known of it is checked all the same
};

/// nullopt without `repeat`.
std::optional<Repetition> parse_repetition(const Yaml& body, const LayerFaults& faults);

/// `name_k`.
std::string copy_name(const std::string& name, int k);

/// The inputs of copy k: carried ports read copy k - 1.
Yaml inputs_of_copy(const Yaml& inputs, const std::string& name, const Repetition& repetition, int k);

/// Copy k of a layer that is no block: its inputs, `name_k` in its output map, an alias of the first if shared; else a
/// seed of its own from the second on.
Yaml copy_of_layer(const Yaml& body, const std::string& name, const Repetition& repetition, int k);

/// The layer itself, where its repetition is at fault.
Yaml layer_without_repetition(const Yaml& body);

/// So that the same fault is told for the first copy only.
void mark_copy(Yaml& node, int k);

}  // namespace kiln
