#include "graph/reference_table.h"

#include <algorithm>
#include <cstdint>
#include <optional>

#include "base/numbers.h"
#include "base/text.h"

namespace kiln {

namespace {

void set_text(Yaml& node, const std::string& text) {
  node.text = text;
  node.quoted = true;
}

void set_unknown(Yaml& node) { set_text(node, kUnknownLayer); }

void tell_circle(Yaml& reference, Diagnostics& faults) {
  faults.error("cycle", reference.where, "'" + reference.text + "' leads back to itself",
               "blocks hand their inputs through to one another in a circle; cut one of these references");
  set_unknown(reference);
}

std::vector<std::string> names_of(const ReferenceTable::Outputs& outputs) {
  std::vector<std::string> names;
  for (const auto& [name, source] : outputs) names.push_back(name.text);
  return names;
}

/// The part of a suffix that names an output, whose name may contain dots.
std::string key_in(const ReferenceTable::Outputs& outputs, const std::string& suffix) {
  for (std::size_t end = suffix.size(); end != std::string::npos && end != 0; end = suffix.rfind('.', end - 1)) {
    if (find_output(outputs, suffix.substr(0, end)) != nullptr) return suffix.substr(0, end);
  }
  return split_reference(suffix).first;
}

/// The output that a reference to a block names, and what follows its name; nullptr after a fault.
std::pair<const Yaml*, std::string> named_output(const std::string& block, const ReferenceTable::Outputs& outputs,
                                                 const std::string& suffix, const SourcePos& where,
                                                 Diagnostics& faults) {
  if (suffix.empty() && outputs.size() == 1) return {&outputs.front().second, ""};
  const std::vector<std::string> names = names_of(outputs);
  if (suffix.empty()) {
    faults.error("several-outputs", where, "block '" + block + "' has several outputs: " + joined(names),
                 "write one of them: " + block + "." + names.front());
    return {};
  }
  const std::string key = key_in(outputs, suffix);
  const auto* output = find_output(outputs, key);
  if (output == nullptr) {
    const std::string hint = did_you_mean(key, names);
    faults.error("unknown-output", where, "block '" + block + "' has no output '" + key + "'",
                 hint.empty() ? "it has " + joined(names) : hint);
    const auto* meant = output_meant(outputs, key);
    return meant == nullptr ? std::pair<const Yaml*, std::string>{} : std::make_pair(&meant->second, std::string());
  }
  if (outputs.size() == 1 && key != names.front())
    faults.warning("needless-suffix", where, "block '" + block + "' has one output; '." + key + "' is ignored",
                   "write '" + block + "'");
  return {&output->second, key.size() < suffix.size() ? suffix.substr(key.size() + 1) : ""};
}

/// `name_k`
struct Copy {
  std::string name;
  std::int64_t number = 0;
};

std::optional<Copy> as_copy(const std::string& name) {
  const std::size_t underscore = name.rfind('_');
  if (underscore == std::string::npos) return std::nullopt;
  const std::string number = name.substr(underscore + 1);
  std::int64_t k = 0;
  const bool is_number = read_integer(number, k) && k >= 0 && number == std::to_string(k);
  return is_number ? std::make_optional(Copy{name.substr(0, underscore), k}) : std::nullopt;
}

/// The blocks that a layer is inside of, outermost first, and itself: "a", "a__b", "a__b__c".
std::vector<std::string> with_blocks(const std::string& name) {
  std::vector<std::string> parts;
  for (std::size_t end = name.find("__"); end != std::string::npos; end = name.find("__", end + 1))
    parts.push_back(name.substr(0, end));
  parts.push_back(name);
  return parts;
}

bool is_one_of(std::int64_t number, int n_copies) {
  return n_copies == ReferenceTable::kAnyNumber || number < n_copies;
}

}  // namespace

Yaml unknown_at(const SourcePos& where) {
  Yaml unknown = yaml_text(kUnknownLayer);
  unknown.where = where;
  return unknown;
}

std::pair<std::string, std::string> split_reference(const std::string& text) {
  const std::size_t dot = text.find('.');
  return dot == std::string::npos ? std::make_pair(text, std::string())
                                  : std::make_pair(text.substr(0, dot), text.substr(dot + 1));
}

std::string with_suffix(const std::string& text, const std::string& suffix) {
  return suffix.empty() ? text : text + "." + suffix;
}

const std::pair<Yaml, Yaml>* find_output(const ReferenceTable::Outputs& outputs, const std::string& key) {
  for (const auto& output : outputs) {
    if (output.first.text == key) return &output;
  }
  std::int64_t index = 0;
  const std::int64_t n = static_cast<std::int64_t>(outputs.size());
  return read_integer(key, index) && index >= 0 && index < n ? &outputs[static_cast<std::size_t>(index)] : nullptr;
}

const std::pair<Yaml, Yaml>* output_meant(const ReferenceTable::Outputs& outputs, const std::string& wrong) {
  if (outputs.size() == 1) return &outputs.front();
  const std::string nearest = misspelt_name(wrong, names_of(outputs));
  return nearest.empty() ? nullptr : find_output(outputs, nearest);
}

void ReferenceTable::resolve_handed_in(Diagnostics& faults) {
  for (Yaml& reference : handed_in_) change_references(reference, [&](Yaml& node) { resolve(node, faults); });
}

void ReferenceTable::forget(const std::string& name, int n_copies) {
  int& n = unknown_.insert({name, n_copies}).first->second;
  n = n == kAnyNumber || n_copies == kAnyNumber ? kAnyNumber : std::max(n, n_copies);
}

bool ReferenceTable::is_unknown(const std::string& name) const {
  if (is_forgotten(name)) return true;
  if (known_.count(name) != 0) return false;
  for (std::size_t inner = name.find("__"); inner != std::string::npos; inner = name.find("__", inner + 1)) {
    const std::string block = name.substr(0, inner);
    if (is_forgotten(block) && known_inside_.count(block) == 0) return true;  // a layer of it
  }
  return false;
}

/// Itself, or what is repeated under this name.
bool ReferenceTable::is_forgotten(const std::string& name) const {
  if (unknown_.count(name) != 0) return true;
  if (known_.count(name) != 0) return false;
  const std::optional<Copy> copy = as_copy(name);
  const auto repeated = copy ? unknown_.find(copy->name) : unknown_.end();
  return repeated != unknown_.end() && is_one_of(copy->number, repeated->second);
}

bool ReferenceTable::has_name(const std::string& name) const {
  return known_.count(name) != 0 || renamed_.count(name) != 0 || blocks_.count(name) != 0 ||
         stand_ins_.count(name) != 0;
}

/// Of a copy, or of what is inside one; "" if none stands for it, or the name is that of something else.
std::string ReferenceTable::stand_in_of(const std::string& name) const {
  if (stand_ins_.empty()) return "";
  for (const std::string& part : with_blocks(name)) {
    const std::optional<Copy> copy = has_name(part) ? std::nullopt : as_copy(part);
    const auto stand_in = copy ? stand_ins_.find(copy->name) : stand_ins_.end();
    if (stand_in == stand_ins_.end() || !is_one_of(copy->number, stand_in->second)) continue;
    return copy->name + name.substr(part.size());
  }
  return "";
}

/// Follows the reference to its end, or to the pending output of a block that must be resolved first: that one.
Yaml* ReferenceTable::follow(Yaml& reference, const Pending& pending, Diagnostics& faults) const {
  std::size_t n_renamed = 0;
  while (!reference.text.empty() && reference.text.back() != '.') {  // else no reference, told where it is read
    const auto [base, suffix] = split_reference(reference.text);
    const auto renamed = renamed_.find(base);
    const auto block = blocks_.find(base);
    if (is_unknown(base)) {
      set_unknown(reference);
    } else if (const std::string stand_in = stand_in_of(base); !stand_in.empty()) {
      set_text(reference, with_suffix(stand_in, suffix));
      continue;
    } else if (renamed != renamed_.end() && ++n_renamed > renamed_.size()) {
      tell_circle(reference, faults);
    } else if (renamed != renamed_.end()) {
      set_text(reference, with_suffix(renamed->second, suffix));
      continue;
    } else if (block != blocks_.end()) {
      const auto [output, rest] = named_output(base, block->second, suffix, reference.where, faults);
      const auto waits_for = pending.find(output);
      if (waits_for != pending.end()) return waits_for->second;
      set_text(reference, output == nullptr ? kUnknownLayer : with_suffix(output->text, rest));
      reference.handed_on = true;
    }
    break;
  }
  reference.quoted = true;
  return nullptr;
}

/// Outputs that hand one another on: the last of the chain first.
void ReferenceTable::resolve_in_turn(Yaml& output, Pending& pending, Diagnostics& faults) {
  std::vector<Yaml*> chain = {&output};
  while (!chain.empty()) {
    Yaml& last = *chain.back();
    Yaml* before = pending.count(&last) != 0 ? follow(last, pending, faults) : nullptr;
    if (before == nullptr) {
      pending.erase(&last);
      chain.pop_back();
    } else if (std::find(chain.begin(), chain.end(), before) == chain.end()) {
      chain.push_back(before);
    } else {
      tell_circle(last, faults);
    }
  }
}

void ReferenceTable::resolve_block_outputs(Diagnostics& faults) {
  Pending pending;
  for (auto& [block, outputs] : blocks_) {
    for (auto& [name, source] : outputs) {
      if (source.kind == Yaml::Kind::text) {
        pending.insert({&source, &source});
        continue;
      }
      faults.error("wrong-kind", source.where,
                   "block '" + block + "' hands this list on as its output '" + name.text + "'",
                   "an output is one field: give the block one, or read its other outputs");
      source.kind = Yaml::Kind::text;
      set_unknown(source);
    }
  }
  for (auto& [block, outputs] : blocks_) {
    for (auto& [name, source] : outputs) resolve_in_turn(source, pending, faults);
  }
}

void ReferenceTable::resolve_alias(Yaml& name) const {
  if (is_unknown(name.text)) return set_unknown(name);
  for (std::size_t n = 0; n <= renamed_.size(); ++n) {
    // what copies read may differ, where what they give does not
    if (stand_ins_.count(name.text) != 0 || !stand_in_of(name.text).empty()) return set_unknown(name);
    const auto renamed = renamed_.find(name.text);
    if (renamed == renamed_.end()) return;
    set_text(name, renamed->second);
  }
}

}  // namespace kiln
