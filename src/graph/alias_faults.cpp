#include "graph/alias_faults.h"

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

namespace kiln {

namespace {

/// Are the owner's config and the same shapes at fault, which is told of the owner?
bool is_told_of_owner(const std::vector<Diagnostic>& faults, const Diagnostic& fault, bool at_port,
                      const std::string& alias, const std::string& owner) {
  const std::string prefix = "layer '" + alias + "'",
                    what = "layer '" + owner + "'" + fault.what.substr(std::min(prefix.size(), fault.what.size()));
  const bool of_sizes = fault.code == "bad-shape" || fault.code == "wrong-width" || fault.code == "block-mismatch";
  if (at_port && !of_sizes) return false;  // each call names its ports itself
  return std::any_of(faults.begin(), faults.end(),
                     [&](const Diagnostic& d) { return d.code == fault.code && d.what == what; });
}

}  // namespace

void tell_at_alias(GraphCheck& check, const WiredLayer& alias, std::size_t first_fault) {
  const LayerSpec& owner = check.spec.layers[alias.owner];
  std::vector<Diagnostic>& faults = check.faults.list;
  std::vector<Diagnostic> found(faults.begin() + static_cast<std::ptrdiff_t>(first_fault), faults.end());
  faults.resize(first_fault);
  for (Diagnostic& fault : found) {
    const bool at_source = std::any_of(alias.source_where.begin(), alias.source_where.end(),
                                       [&](const auto& port) { return stands_at(port, fault.where); });
    const bool at_port =
        at_source || stands_at(alias.input_where, fault.where) || stands_at(alias.output_where, fault.where);
    if (is_told_of_owner(faults, fault, at_port, alias.spec->name, owner.name)) continue;
    if (!at_port) fault.where = alias.spec->alias_where;
    if (fault.severity == Severity::error) {
      if (!fault.hint.empty()) fault.hint += "; ";
      fault.hint += "'" + alias.spec->name + "' is an alias of '" + owner.name + "'";
      if (owner.where.known()) fault.hint += " (line " + std::to_string(owner.where.line) + ")";
    }
    faults.push_back(std::move(fault));
  }
}

}  // namespace kiln
