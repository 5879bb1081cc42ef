#include "layers/field_list.h"

#include <algorithm>
#include <set>

namespace kiln {

namespace {

/// Irreps of fields that were found, each once.
struct FoundIrreps {
  std::set<std::string> known;
  std::vector<std::string> texts;

  /// False if they are there already.
  bool add(const Irreps& irreps) {
    if (!known.insert(to_string(simplify(irreps))).second) return false;
    texts.push_back(to_string(irreps));
    return true;
  }
};

/// "a, b and c"
std::string listed(const std::vector<std::string>& words) {
  std::string text;
  for (std::size_t i = 0; i < words.size(); ++i)
    text += (i == 0 ? "" : i + 1 < words.size() ? ", " : " and ") + words[i];
  return text;
}

}  // namespace

FieldType infer_sum(const InferContext& context, int port) {
  const std::vector<FieldType*>& fields = context.inputs[port];
  FoundIrreps found;
  FieldType sum = field_of_unknown_irreps(Level::atom);
  bool all_known = !fields.empty();
  int first_other = 0;
  std::set<const FieldType*> read;  // what is wrong with one is wrong once
  for (int i = 0; i < static_cast<int>(fields.size()); ++i) {
    if (!read.insert(fields[i]).second) continue;
    const FieldType* type = context.expect_real(port, Level::atom, nullptr, i);
    all_known = all_known && type != nullptr;
    if (type == nullptr || !found.add(type->irreps)) continue;
    if (found.texts.size() == 1) sum = *type;
    if (found.texts.size() == 2) first_other = i;
  }
  sum.in_doubt = !all_known;
  if (found.texts.size() < 2) return sum;
  context.error("unequal-fields", context.source_where[port][first_other],
                "fields to be added must have the same irreps, not " + listed(found.texts));
  return field_of_unknown_irreps(Level::atom);
}

}  // namespace kiln
