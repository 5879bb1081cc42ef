#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "base/diagnostics.h"

namespace kiln {

/// One node of a YAML (or JSON) document, with its position. A plain tree: anchors, aliases and merge keys are
/// resolved. Scalars are typed by YAML 1.1 as OmegaConf reads it (reference: yes/no/on/off, 012, 1:30, 1_000, 1e-3);
/// quoted ones are text.
struct Yaml {
  enum class Kind { null, boolean, integer, real, text, sequence, mapping };

  Kind kind = Kind::null;
  SourcePos where;
  bool bool_value = false;
  std::int64_t int_value = 0;
  double real_value = 0.0;  ///< also set for integers
  std::string text;         ///< the scalar as written (unquoted); what messages show
  bool quoted = false;      ///< the scalar stood in quotes
  std::vector<Yaml> items;  ///< sequence
  /// A mapping, in file order; keys are scalars and unique, but for twins (TwinKeys).
  std::vector<std::pair<Yaml, Yaml>> entries;
  /// A mapping that has lost an entry to a fault of its key; a scalar whose interpolation failed (base/unresolved.h).
  bool incomplete = false;
  /// Of a reference, as the file of a block has it, once the templates are expanded (graph/reference_table.h). "": as
  /// it stands here.
  std::string written;
  bool handed_on = false;  ///< leads through an output of a block

  bool is_null() const { return kind == Kind::null; }
  bool is_number() const { return kind == Kind::integer || kind == Kind::real; }
  bool is_scalar() const { return kind != Kind::sequence && kind != Kind::mapping; }
  bool is_mapping() const { return kind == Kind::mapping; }
  bool is_sequence() const { return kind == Kind::sequence; }

  /// Value of the first entry whose key's text is `key`, or nullptr.
  const Yaml* find(const std::string& key) const;
  Yaml* find(const std::string& key);
};

/// A number and its text, 0 and '0', as keys of one mapping: a duplicate, or two entries.
enum class TwinKeys { refused, kept };

/// Reads one document. Faults (syntax, duplicate keys with both positions, foreign tags, several documents, limits:
/// 10^6 nodes, depth 256, 16 MB scalars) go to `faults`; the tree is then whatever could be read.
/// `${…}` unquoted in flow mappings is accepted with a warning.
Yaml parse_yaml(const std::string& content, const std::string& file_name, Diagnostics& faults,
                TwinKeys twins = TwinKeys::refused);

/// Reads the file; an unreadable file throws Error of kind data.
Yaml read_yaml_file(const std::string& path, Diagnostics& faults);

/// JSON text (what model files carry) as the same tree; positions are unknown. Throws Error of kind data.
Yaml parse_json_tree(const std::string& content);

/// The tree as canonical JSON text: file order kept, no blanks, shortest round-trip numbers.
std::string to_canonical_json(const Yaml& node);

/// Constructors for trees made by the program.
Yaml yaml_text(std::string text);
Yaml yaml_integer(std::int64_t value);
Yaml yaml_real(double value);
Yaml yaml_boolean(bool value);
Yaml yaml_mapping();
void yaml_set(Yaml& mapping, const std::string& key, Yaml value);  ///< replaces or appends

}  // namespace kiln
