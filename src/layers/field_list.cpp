#include "layers/field_list.h"

#include <algorithm>

namespace kiln {

FieldType infer_sum(const InferContext& context, int port) {
  std::vector<Irreps> found;  // each once
  FieldType sum = field_of_unknown_irreps(Level::atom);
  bool all_known = true;
  int first_other = 0;
  for (int i = 0; i < static_cast<int>(context.inputs[port].size()); ++i) {
    const FieldType* type = context.expect_real(port, Level::atom, nullptr, i);
    all_known = all_known && type != nullptr;
    if (type == nullptr) continue;
    if (found.empty()) sum = *type;
    const auto is_the_same = [&](const Irreps& irreps) { return simplify(irreps) == simplify(type->irreps); };
    if (std::any_of(found.begin(), found.end(), is_the_same)) continue;
    if (found.size() == 1) first_other = i;
    found.push_back(type->irreps);
  }
  sum.in_doubt = !all_known;
  if (found.size() < 2) return sum;
  std::string text;
  for (std::size_t i = 0; i < found.size(); ++i)
    text += (i == 0 ? "" : i + 1 < found.size() ? ", " : " and ") + to_string(found[i]);
  context.error("unequal-fields", context.source_where[port][first_other],
                "fields to be added must have the same irreps, not " + text);
  return field_of_unknown_irreps(Level::atom);
}

}  // namespace kiln
