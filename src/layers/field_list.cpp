#include "layers/field_list.h"

namespace kiln {

const FieldType* expect_equal_fields(const InferContext& context, int port) {
  const int n = static_cast<int>(context.inputs[port].size());
  const FieldType* first = nullptr;
  bool all_known = true;
  for (int i = 0; i < n; ++i) {
    const FieldType* type = context.expect_real(port, Level::atom, nullptr, i);
    all_known = all_known && type != nullptr;
    if (type == nullptr) continue;
    if (first == nullptr) first = type;
    if (simplify(type->irreps) == simplify(first->irreps)) continue;
    context.error("unequal-fields", context.input_where[port],
                  "fields to be added must have the same irreps, not " + to_string(first->irreps) + " and " +
                      to_string(type->irreps));
    return nullptr;
  }
  return all_known ? first : nullptr;
}

}  // namespace kiln
