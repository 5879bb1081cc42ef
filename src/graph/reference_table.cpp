#include "graph/reference_table.h"

#include <algorithm>

#include "base/numbers.h"
#include "base/text.h"

namespace kiln {

namespace {

void set_text(Yaml& node, const std::string& text) {
  node.text = text;
  node.quoted = true;
}

std::vector<std::string> names_of(const ReferenceTable::Outputs& outputs) {
  std::vector<std::string> names;
  for (const auto& [name, source] : outputs) names.push_back(name);
  return names;
}

}  // namespace

std::pair<std::string, std::string> split_reference(const std::string& text) {
  const std::size_t dot = text.find('.');
  return dot == std::string::npos ? std::make_pair(text, std::string())
                                  : std::make_pair(text.substr(0, dot), text.substr(dot + 1));
}

std::string with_suffix(const std::string& text, const std::string& suffix) {
  return suffix.empty() ? text : text + "." + suffix;
}

const std::pair<std::string, std::string>* find_output(const ReferenceTable::Outputs& outputs, const std::string& key) {
  for (const auto& output : outputs) {
    if (output.first == key) return &output;
  }
  std::int64_t index = 0;
  const std::int64_t n = static_cast<std::int64_t>(outputs.size());
  return read_integer(key, index) && index >= 0 && index < n ? &outputs[static_cast<std::size_t>(index)] : nullptr;
}

bool ReferenceTable::is_unknown(const std::string& name) const {
  if (is_forgotten(name)) return true;
  if (known_.count(name) != 0) return false;
  for (std::size_t inner = name.find("__"); inner != std::string::npos; inner = name.find("__", inner + 1))
    if (is_forgotten(name.substr(0, inner))) return true;  // a layer of a block
  return false;
}

/// Itself, or what is repeated under this name.
bool ReferenceTable::is_forgotten(const std::string& name) const {
  if (unknown_.count(name) != 0) return true;
  if (known_.count(name) != 0) return false;
  const std::size_t underscore = name.rfind('_');
  return underscore != std::string::npos && is_digits(name.substr(underscore + 1)) &&
         unknown_.count(name.substr(0, underscore)) != 0;
}

/// One name replaced by what it stands for; false if it stands for itself, or at a fault.
bool ReferenceTable::step(std::string& text, const Yaml& reference, Diagnostics& faults) const {
  const auto [base, suffix] = split_reference(text);
  if (is_unknown(base)) {
    text = kUnknownLayer;
    return false;
  }
  const auto renamed = renamed_.find(base);
  if (renamed != renamed_.end()) {
    text = with_suffix(renamed->second, suffix);
    return true;
  }
  const auto block = blocks_.find(base);
  if (block == blocks_.end()) return false;
  const Outputs& outputs = block->second;
  if (suffix.empty() && outputs.size() == 1) {
    text = outputs.front().second;
    return true;
  }
  const std::vector<std::string> names = names_of(outputs);
  if (suffix.empty()) {
    faults.error("several-outputs", reference.where, "block '" + base + "' has several outputs: " + joined(names),
                 "write one of them: " + base + "." + names.front());
    return false;
  }
  const auto [key, rest] = split_reference(suffix);
  const auto* output = find_output(outputs, key);
  if (output == nullptr) {
    const std::string hint = did_you_mean(key, names);
    faults.error("unknown-output", reference.where, "block '" + base + "' has no output '" + key + "'",
                 hint.empty() ? "it has " + joined(names) : hint);
    return false;
  }
  if (outputs.size() == 1 && key != outputs.front().first)
    faults.warning("needless-suffix", reference.where, "block '" + base + "' has one output; '." + key + "' is ignored",
                   "write '" + base + "'");
  text = with_suffix(output->second, rest);
  return true;
}

void ReferenceTable::resolve(Yaml& reference, Diagnostics& faults) const {
  std::string text = reference.text;
  if (!text.empty() && text.back() == '.') return;  // no reference, which is told where it is read
  const std::size_t n_errors = faults.n_errors();
  for (std::size_t n = 0; step(text, reference, faults); ++n) {
    if (n <= renamed_.size() + blocks_.size()) continue;
    faults.error("cycle", reference.where, "'" + reference.text + "' leads back to itself",
                 "blocks hand their inputs through to one another in a circle; cut one of these references");
    break;
  }
  set_text(reference, faults.n_errors() == n_errors ? text : kUnknownLayer);
}

void ReferenceTable::resolve_alias(Yaml& name) const {
  if (is_unknown(name.text)) return set_text(name, kUnknownLayer);
  for (std::size_t n = 0; n <= renamed_.size(); ++n) {
    const auto renamed = renamed_.find(name.text);
    if (renamed == renamed_.end()) return;
    set_text(name, renamed->second);
  }
}

}  // namespace kiln
