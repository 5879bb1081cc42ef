#pragma once

#include "graph/infer_context.h"
#include "graph/layer_declaration.h"

namespace kiln {

/// Several real atom fields at one port that will be added: the type of their sum. Of fields at fault, which are told,
/// or not of atoms, an error, the others say the irreps; where there are no others, or these differ, an error, it is a
/// field of atoms of unknown irreps.
FieldType infer_sum(const InferContext& context, int port);

}  // namespace kiln
