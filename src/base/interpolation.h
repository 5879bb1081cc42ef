#pragma once

#include <functional>
#include <optional>
#include <set>
#include <string>

#include "base/yaml.h"

namespace kiln {

/// Value of a variable of the process's environment, nullopt if it is not set. The program's main makes one and hands
/// it down; without one (empty), `oc.env` is an error.
using Environment = std::function<std::optional<std::string>(const std::string& name)>;

/// `???`, OmegaConf's sign for a value that must be given; between brackets YAML wants it quoted.
inline bool is_missing(const Yaml& node) { return node.kind == Yaml::Kind::text && node.text == "\?\?\?"; }
constexpr const char* kIsMissing = "is \?\?\?, a value that must be given";

/// Replaces every ${…} in the tree's scalars, as OmegaConf does: absolute (${a.b[0]}), relative (${.x}, ${..x}) and
/// nested (${a.${k}}) references, chains, whole-node references (a copy of the node), in-string (4.0 -> "4.0", true ->
/// "True"), the escape \${…}, the resolvers oc.env, oc.select, oc.decode, oc.create, oc.dict.keys and oc.dict.values;
/// and computes ${= 2 * a.b}.
/// Faults name category, key path and position; the scalar then stays as written. A scalar that fails only because what
/// it refers to has failed is not reported again. Interpolated nodes keep the position of the reference, what a copied
/// node contains keeps its own. Keys are not interpolated. Returns the nodes of the tree that something refers to.
std::set<const Yaml*> resolve_interpolations(Yaml& root, Diagnostics& faults, const Environment& environment = {});

/// A text that stands for this one where interpolations are resolved.
std::string escaped_interpolations(const std::string& text);

}  // namespace kiln
