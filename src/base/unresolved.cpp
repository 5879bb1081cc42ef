#include "base/unresolved.h"

#include <algorithm>
#include <set>
#include <tuple>

#include "base/text.h"

namespace kiln {

namespace {

using Place = std::tuple<std::string, int, int>;

Place place_of(const SourcePos& where) { return {where.file, where.line, where.column}; }

/// Collects the places of what is unresolved, and says whether there is any.
bool collect(const Yaml& node, bool in_list, std::set<Place>& places) {
  bool found = is_unresolved(node);
  in_list = in_list || node.is_sequence();
  for (const Yaml& item : node.items) found = collect(item, in_list, places) || found;
  for (const auto& entry : node.entries) found = collect(entry.second, in_list, places) || found;
  if (found && (node.is_scalar() || in_list)) places.insert(place_of(node.where));
  return found;
}

/// Those of the interpolations themselves: unquoted, they stand at the place of the scalar.
bool tells_of_interpolation(const Diagnostic& fault) {
  const char* others[] = {"environment-variable", "no-environment", "number-range",
                          "duplicate-key",        "null-key",       "yaml-limit"};
  return starts_with(fault.code, "interpolation-") || starts_with(fault.code, "arithmetic-") ||
         std::find(std::begin(others), std::end(others), fault.code) != std::end(others);
}

}  // namespace

void mark_unresolved(Yaml& scalar) { scalar.incomplete = true; }
bool is_unresolved(const Yaml& node) { return node.is_scalar() && node.incomplete; }

void drop_faults_of_unresolved(const Yaml& root, Diagnostics& faults) {
  std::set<Place> places;
  if (!collect(root, false, places)) return;
  const auto told = [&](const Diagnostic& fault) {
    return fault.where.known() && !tells_of_interpolation(fault) && places.count(place_of(fault.where)) != 0;
  };
  faults.list.erase(std::remove_if(faults.list.begin(), faults.list.end(), told), faults.list.end());
}

}  // namespace kiln
