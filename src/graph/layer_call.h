#pragma once

#include <deque>
#include <vector>

#include "graph/graph_checker.h"
#include "graph/infer_context.h"

namespace kiln {

// One call of a layer, as its `infer` sees it.

/// Fields per port. What must be given and is not is at fault (kAtFault).
std::vector<std::vector<int>> fields_of(const GraphCheck& check, const WiredLayer& layer);

/// Types of what a call reads: those of the graph, but of what is at fault; or copies, so that inference changes
/// nothing.
class InputTypes {
 public:
  enum class Of { graph, copies };
  InputTypes(CheckedGraph& graph, const std::vector<std::vector<int>>& fields, Of of) {
    for (const std::vector<int>& port : fields) {
      types.emplace_back();
      for (const int field : port) {
        const bool in_graph = field != kAtFault && of == Of::graph;
        if (!in_graph) own_.push_back(field == kAtFault ? type_at_fault() : graph.fields[field].type);
        types.back().push_back(in_graph ? &graph.fields[field].type : &own_.back());
      }
    }
  }

  std::vector<std::vector<FieldType*>> types;  ///< per port

 private:
  std::deque<FieldType> own_;
};

/// All but the inputs. What are rows of an output is none of the layer's business.
InferContext context_of(const GraphCheck& check, const WiredLayer& layer, Config& config, Diagnostics& faults);

/// May the layer's code read its config? What takes any ports sees itself to the values that are at fault.
bool can_read_config(const GraphCheck& check, const WiredLayer& layer);

}  // namespace kiln
