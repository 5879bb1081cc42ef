#pragma once

#include <optional>
#include <string>
#include <vector>

#include "graph/checked_graph.h"
#include "graph/graph_spec.h"
#include "model/model.h"

namespace kiln {

/// Fetches the code that the ArbitraryModule layers of a graph name: `.pt` files (beside the graph's file) and objects
/// of Python packages, and looks at operators of other libraries, as far as the host allows them. Faults: a `.pt` that
/// is not allowed, cannot be read or is no TorchScript; a Python object that cannot be imported or scripted; an
/// operator that no library has registered; what the host lacks for that, once. A host that cannot look into code, or
/// at operators, leaves them unknown; the check then warns.
/// @param seed  the run's: what a Python object draws follows from it and the layer's name, or from the layer's `seed`
void load_foreign_code(GraphSpec& graph, const ModelHost& host, std::uint64_t seed, Diagnostics& faults);

/// Consent that a model has no use for: layers that it does not have, packages.
void warn_of_allowance(const Model& model, const std::string& file, const Allowance& allow, Diagnostics& faults);

/// `target` is a file with TorchScript.
bool names_archive(const std::string& target);

/// Every file that a graph is made of: its own, those that it includes, and archives. Each once.
std::vector<std::string> files_of(const CheckedGraph& graph);

/// What the host knows of an operator, "space::name"; nullopt if no library has registered it. Where it has no
/// libtorch, nothing is known, and `not_read` says why.
std::optional<ForeignModule> inspect_operator(const std::string& target, const ModelHost& host);

/// What the host finds in the code of a target. Arguments of a file are those of the call; of a Python class they went
/// into its making, and of a function they are those of the call.
ForeignModule inspect_code(const std::string& bytes, const std::string& target, const ModelHost& host);

}  // namespace kiln
