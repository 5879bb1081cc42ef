#pragma once

#include <limits>
#include <string>
#include <utility>
#include <vector>

#include "base/yaml.h"
#include "operators/irreps.h"

namespace kiln {

enum class ConfigType {
  integer,
  real,
  boolean,
  text,
  irreps,
  list,    ///< of numbers
  values,  ///< a list of anything
  mapping,
  radial
};
/// One key of a layer's `config`.
struct ConfigEntry {
  std::string name;
  ConfigType type = ConfigType::integer;
  bool required = false;
  std::string default_value;  ///< as YAML text; "" with required or optional without default
  std::string doc;            ///< one line, with unit
  double minimum = -std::numeric_limits<double>::infinity();  ///< numbers; integers are within ±10^9 anyway
  double maximum = std::numeric_limits<double>::infinity();
  std::vector<std::string> allowed;  ///< texts
  bool is_cutoff = false;            ///< where given, a cutoff that the edges read by the layer must have, Å
};

/// How `radial:` reads: exact (n_knots 0) or tabulated.
struct RadialChoice {
  int n_knots = 0;
};

/// Checked config values, defaults filled in; what is left out may be filled in by inference.
class Config {
 public:
  bool has(const std::string& key) const;    ///< given, with a default, or inferred
  bool given(const std::string& key) const;  ///< stands in the file
  bool is_at_fault(const std::string& key) const;
  int integer(const std::string& key) const;
  double real(const std::string& key) const;
  bool boolean(const std::string& key) const;
  const std::string& text(const std::string& key) const;
  const Irreps& irreps(const std::string& key) const;
  RadialChoice radial(const std::string& key) const;
  const Yaml& node(const std::string& key) const;  ///< the value as it stands
  SourcePos where(const std::string& key) const;   ///< of the value, or of the layer where it is a default

  void set_integer(const std::string& key, int value);           ///< inferred
  void set_irreps(const std::string& key, const Irreps& value);  ///< inferred

  struct Value {
    Yaml node;
    Irreps irreps;
    RadialChoice radial;
    bool given = false;
  };
  std::vector<std::pair<std::string, Value>> values;
  std::vector<std::string> at_fault;  ///< keys whose values are wrong, missing, or perhaps meant by an unknown key
  SourcePos layer_where;

 private:
  const Value& value(const std::string& key) const;
};

/// [{l: 0, mul: 32, p: e}, …]: how irreps stand in a canonical document.
Yaml yaml_irreps(const Irreps& irreps);

}  // namespace kiln
