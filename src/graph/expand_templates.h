#pragma once

#include "graph/sub_graph.h"

namespace kiln {

/// Layers that stand for several are replaced by these: `include`, `repeat`, aliases of included blocks. A pure change
/// of the tree: nodes keep their positions, references are rewritten, and what comes out is plain KLay language.
/// Interpolations must be resolved. A layer `a` of the block `b` becomes `b__a`, copy k of `c` becomes `c_k`.
struct ExpandedTemplates {
  std::vector<std::string> files;  ///< paths of the document and of all files that were opened
  VanishedNames vanished;
};
ExpandedTemplates expand_templates(Yaml& document, Diagnostics& faults, const Environment& environment = {});

/// The same for a file that others include.
VanishedNames expand_templates(Yaml& document, OpenFiles& open, Diagnostics& faults);

}  // namespace kiln
