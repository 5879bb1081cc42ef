#pragma once

#include "graph/infer_context.h"
#include "graph/layer_declaration.h"

namespace kiln {

/// Several real atom fields at one port that will be added: their common type, or nullptr and an error.
const FieldType* expect_equal_fields(const InferContext& context, int port);

}  // namespace kiln
