#pragma once

#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "base/yaml.h"

namespace kiln {

/// "a.b.c" as {"a", "b.c"}.
std::pair<std::string, std::string> split_reference(const std::string& text);

/// The text with a suffix, ".suffix" or nothing.
std::string with_suffix(const std::string& text, const std::string& suffix);

/// A layer that stands for what is at fault, which is told: nothing is known of it, so that nothing is said of what
/// refers to it.
constexpr const char* kUnknownLayer = "(at fault)";  // no name of a file

/// A reference to it.
Yaml unknown_at(const SourcePos& where);

/// Applies `change` to every reference of a layer's inputs (texts, and texts in lists), once: what it puts in a text's
/// place, a list perhaps, is done.
template <class Change>
void change_references(Yaml& node, const Change& change) {
  if (node.kind == Yaml::Kind::text) return change(node);
  for (Yaml& item : node.items) change_references(item, change);
  for (auto& entry : node.entries) change_references(entry.second, change);
}

/// Names of one file that stand for others once it is expanded: what is repeated for its last copy, an included block
/// for its outputs.
class ReferenceTable {
 public:
  using Outputs = std::vector<std::pair<Yaml, Yaml>>;  ///< name, what it is: model_outputs of a file

  void rename(const std::string& name, const std::string& to) { renamed_[name] = to; }
  void add_block(const std::string& name, Outputs outputs) { blocks_[name] = std::move(outputs); }
  /// What a block is given at an input, or a copy would be, a text or a list, whether anything reads that or not.
  void hand_in(Yaml reference) { handed_in_.push_back(std::move(reference)); }

  const std::map<std::string, std::string>& renamed() const { return renamed_; }
  const std::map<std::string, Outputs>& blocks() const { return blocks_; }
  const std::map<std::string, int>& forgotten() const { return unknown_; }
  const std::map<std::string, int>& stand_ins() const { return stand_ins_; }
  const std::vector<Yaml>& handed_in() const { return handed_in_; }

  /// A name of the file, whatever it looks like.
  void keep(const std::string& name) { known_.insert(name); }

  /// How many numbered copies a name has.
  static constexpr int kAnyNumber = -1;  ///< which is not known
  /// What has this name, also with the number of a copy or the name of an inner layer behind it, is at fault, which is
  /// told.
  void forget(const std::string& name, int n_copies);
  /// What has this name stands for its numbered copies, too: how many there are, or how one feeds the next, is at
  /// fault.
  void stand_for_copies(const std::string& name, int n_copies) { stand_ins_[name] = n_copies; }
  /// But the layers inside the block of this name are there.
  void keep_inside(const std::string& name) { known_inside_.insert(name); }

  /// What the outputs of all blocks stand for, for when all are added; the unknown layer where there is a fault, which
  /// is told.
  void resolve_block_outputs(Diagnostics& faults);
  /// What is handed in stands for, once the outputs of blocks are resolved.
  void resolve_handed_in(Diagnostics& faults);
  /// What the reference stands for, once the outputs of blocks are resolved.
  void resolve(Yaml& reference, Diagnostics& faults) const { follow(reference, {}, faults); }
  /// The name that an alias stands for.
  void resolve_alias(Yaml& name) const;

 private:
  using Pending = std::map<const Yaml*, Yaml*>;  ///< outputs of blocks that are not resolved yet

  bool is_forgotten(const std::string& name) const;
  bool has_name(const std::string& name) const;
  std::string stand_in_of(const std::string& name) const;
  bool is_unknown(const std::string& name) const;
  Yaml* follow(Yaml& reference, const Pending& pending, Diagnostics& faults) const;
  void resolve_in_turn(Yaml& output, Pending& pending, Diagnostics& faults);

  std::map<std::string, std::string> renamed_;
  std::map<std::string, Outputs> blocks_;
  std::vector<Yaml> handed_in_;
  std::set<std::string> known_, known_inside_;
  std::map<std::string, int> unknown_;    ///< with the number of copies
  std::map<std::string, int> stand_ins_;  ///< what stands for so many copies of itself
};

/// The output that a suffix names, by name or by index from 0; nullptr if there is none.
const std::pair<Yaml, Yaml>* find_output(const ReferenceTable::Outputs& outputs, const std::string& key);
/// The output that is meant by a wrong name: the only one, or the one that it is near to; nullptr: not known.
const std::pair<Yaml, Yaml>* output_meant(const ReferenceTable::Outputs& outputs, const std::string& wrong);

}  // namespace kiln
