#pragma once

#include <string>
#include <vector>

#include "base/diagnostics.h"
#include "base/yaml.h"

namespace kiln {

struct Option;
using OptionTable = std::vector<Option>;

inline constexpr double kPositive = 5e-324;  ///< least number that is not 0, for Option::within

/// What a value may be; one option may allow several kinds.
enum OptionKind : unsigned {
  kInteger = 1,
  kReal = 2,  ///< integers too
  kBoolean = 4,
  kText = 8,
  kIntegers = 16,     ///< a list of integers
  kMapping = 32,      ///< checked against `children`
  kNumberTable = 64,  ///< a mapping from names or numbers to numbers
};

/// One key of options.yaml: everything that is known about it. Checking, defaults and the manual read this.
struct Option {
  std::string name;
  unsigned kinds = kText;
  std::string fallback;  ///< default as YAML text; "" if the key has no default (then `null` counts as absent)
  std::string doc;       ///< one line, with unit
  bool required = false;
  bool implemented = true;  ///< false: a key of metatrain that is refused by name
  double minimum = -1e300, maximum = 1e300;
  std::vector<std::string> allowed;            ///< texts; empty: any
  std::vector<std::string> known;              ///< texts that metatrain knows and that are refused by name
  const OptionTable* (*children)() = nullptr;  ///< for kMapping

  Option needed() const;
  Option within(double least, double most = 1e300) const;
  Option one_of(std::vector<std::string> texts, std::vector<std::string> refused = {}) const;
  Option with(const OptionTable* (*table)()) const;
};

Option option(std::string name, unsigned kinds, std::string fallback, std::string doc);
/// A key that metatrain has and Kiln has not yet.
Option not_implemented(std::string name);

/// Checks a mapping against the table: unknown keys (with did-you-mean), keys and values that are not implemented,
/// kinds, ranges, missing ones. Fills in the defaults. All faults go to `faults`, each with its dotted path.
void check_options(Yaml& mapping, const OptionTable& table, const std::string& path, Diagnostics& faults);

/// The value at a dotted path below `root`; nullptr if there is none or it is null.
const Yaml* find_option(const Yaml& root, const std::string& path);

/// The table as text, one key a line with kind, default and doc, nested keys indented: the manual's page.
std::string describe_options(const OptionTable& table, int indent = 0);

}  // namespace kiln
