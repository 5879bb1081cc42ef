#pragma once

#include <deque>
#include <string>
#include <unordered_map>
#include <vector>

#include "base/arithmetic.h"
#include "base/interpolation.h"
#include "base/interpolation_arguments.h"
#include "base/interpolation_path.h"
#include "base/nesting.h"
#include "base/text_cursor.h"
#include "base/yaml_limits.h"
#include "base/yaml_places.h"

namespace kiln {

/// The resolving of one tree. Whatever is at fault is told where it is found, and ends the scalar by the exception
/// Told.
class Interpolator {
 public:
  Interpolator(Yaml& root, Diagnostics& faults, const Environment& environment)
      : root_(root), faults_(faults), environment_(environment) {}
  std::set<const Yaml*> run();  ///< to be called once

 private:
  enum class State { open, done, failed };
  struct Told {};          ///< a fault of the scalar, already reported
  struct LimitReached {};  ///< the end: a limit was passed, and it is reported

  /// An interpolation that is being read: it begins at `start`, in the text of `node` or in one made from it.
  struct Site {
    Yaml& node;
    TextCursor& cursor;
    std::size_t start;

    std::string raw() const { return cursor.text.substr(start, cursor.i - start); }
  };
  /// The use of a resolver.
  struct Call {
    const Site& site;
    const char* name;
    const char* usage;
    std::vector<Yaml> arguments;
  };
  struct ResolverEntry {
    const char* name;
    std::size_t least, most;  ///< arguments
    const char* usage;
    const Yaml& (Interpolator::*compute)(const Call&);
  };
  static const ResolverEntry kResolvers[6];

  // interpolation.cpp: the walk through the tree
  bool resolve(Yaml& node);
  bool resolve_scalar(Yaml& node);
  void replace(Yaml& node);
  void copy_node(const Yaml& target, Yaml& node);
  const Yaml& evaluate(TextCursor& cursor, Yaml& node);
  const Yaml& read_interpolation(const Site& site);
  const Yaml& compute(const Site& site);
  Number read_operand(const Site& site, TextCursor& cursor);
  std::string inserted(const Yaml& value, const Site& site);
  const Yaml& keep(Yaml value, const Site& site);
  void spend(const SourcePos& where, const YamlSize& size, std::size_t depth);
  [[noreturn]] void limit(const SourcePos& where, const std::string& what);

  // interpolation_references.cpp: from a path to a value
  std::string read_key(TextCursor& cursor, Yaml& node);
  const Yaml& refer(const InterpolationPath& path, const Site& site);
  struct Absent {
    std::string what, hint;
  };
  Yaml* find(const InterpolationPath& path, const Site& site, Absent& absent);
  Yaml* child(Yaml& container, const InterpolationPath& path, std::size_t k, Absent& absent);
  void resolve_target(Yaml& target, const Site& site);
  std::string circle(const Yaml& target) const;
  [[noreturn]] void fail(const char* code, const Site& site, const std::string& what, const std::string& hint);
  [[noreturn]] void fail(const Stop& stop, const Site& site);
  [[noreturn]] void fail_missing(const InterpolationPath& path, const Yaml& target, const Site& site);
  void report(const char* code, const Yaml& node, const SourcePos& where, const std::string& what,
              const std::string& hint);

  // interpolation_resolvers.cpp: oc.*
  const Yaml& call(const std::string& name, const Site& site);
  const Yaml& call_env(const Call& call);
  const Yaml& call_select(const Call& call);
  const Yaml& call_decode(const Call& call);
  const Yaml& call_create(const Call& call);
  const Yaml& call_keys(const Call& call);
  const Yaml& call_values(const Call& call);
  ReadInterpolation interpolation_reader(Yaml& node);
  const std::string& text_argument(const Call& call);
  InterpolationPath path_argument(const Call& call);
  Yaml& mapping_argument(const Call& call);
  [[noreturn]] void fail_argument(const Call& call, const std::string& what, const std::string& hint);

  Yaml& root_;
  Diagnostics& faults_;
  const Environment& environment_;
  YamlPlaces places_;
  std::unordered_map<const Yaml*, State> states_;
  std::vector<const Yaml*> open_scalars_;
  std::deque<Yaml> made_;       ///< results of resolvers; they stay where they are
  std::set<const Yaml*> read_;  ///< what references lead to
  YamlSize total_;
  Nesting nesting_;
};

}  // namespace kiln
