#include "base/interpolation_state.h"
#include "base/source_text.h"

namespace kiln {

namespace {

void forget_places(Yaml& node) {
  node.where = {};
  for (Yaml& item : node.items) forget_places(item);
  for (auto& [key, value] : node.entries) {
    key.where = {};
    forget_places(value);
  }
}

}  // namespace

const Interpolator::ResolverEntry Interpolator::kResolvers[] = {
    {"oc.create", 1, 1, "${oc.create:[1, 2]} or ${oc.create:{a: 1}}", &Interpolator::call_create},
    {"oc.decode", 1, 1, "${oc.decode:text}", &Interpolator::call_decode},
    {"oc.dict.keys", 1, 1, "${oc.dict.keys:a.b}", &Interpolator::call_keys},
    {"oc.dict.values", 1, 1, "${oc.dict.values:a.b}", &Interpolator::call_values},
    {"oc.env", 1, 2, "${oc.env:NAME} or ${oc.env:NAME,default}", &Interpolator::call_env},
    {"oc.select", 1, 2, "${oc.select:a.b} or ${oc.select:a.b,default}", &Interpolator::call_select},
};

/// The cursor stands at the ':' behind the name.
const Yaml& Interpolator::call(const std::string& name, const Site& site) {
  const ResolverEntry* found = nullptr;
  std::vector<std::string> known;
  for (const ResolverEntry& entry : kResolvers) {
    known.push_back(entry.name);
    if (entry.name == name) found = &entry;
  }
  if (found == nullptr) {
    const std::string near = did_you_mean(name, known);
    throw Stop{site.start, "interpolation-unsupported", "there is no resolver '" + name + "'",
               near.empty() ? "Known: oc.create, oc.decode, oc.dict.keys, oc.dict.values, oc.env, oc.select." : near,
               site.cursor.i - site.start};
  }
  ++site.cursor.i;
  Call call{site, found->name, found->usage, read_arguments(site.cursor, interpolation_reader(site.node), nesting_)};
  ++site.cursor.i;
  const std::size_t n = call.arguments.size();
  if (n < found->least || n > found->most)
    fail_argument(call, std::to_string(n) + (n == 1 ? " argument is" : " arguments are") + " given", "");
  return (this->*found->compute)(call);
}

/// Copies count at once: a list may name a large node many times.
ReadInterpolation Interpolator::interpolation_reader(Yaml& node) {
  return [this, &node](TextCursor& cursor) {
    const Yaml& value = evaluate(cursor, node);
    spend(node.where, size_of(value), 0);
    return value;
  };
}

void Interpolator::fail_argument(const Call& call, const std::string& what, const std::string& hint) {
  fail("interpolation-argument", call.site, "'" + std::string(call.name) + "': " + what,
       hint.empty() ? std::string("It is written ") + call.usage + "." : hint);
}

const std::string& Interpolator::text_argument(const Call& call) {
  if (call.arguments[0].kind != Yaml::Kind::text)
    fail_argument(call, std::string("its first argument is ") + name_of(call.arguments[0].kind) + " that is no text",
                  "");
  return call.arguments[0].text;
}

/// As OmegaConf: the text of the variable, and a default becomes text too, except null.
const Yaml& Interpolator::call_env(const Call& call) {
  const std::string& name = text_argument(call);
  if (!environment_)
    fail("no-environment", call.site, "the environment cannot be read here: '" + name + "' has no value",
         "Write the value itself; the program `kiln` reads its environment.");
  if (const std::optional<std::string> value = environment_(name)) {
    if (find_bad_byte(*value) != std::string::npos)
      fail_argument(call, "the value of the variable '" + name + "' is not UTF-8 text", "Give it another value.");
    return keep(yaml_text(*value), call.site);
  }
  if (call.arguments.size() < 2)
    fail("environment-variable", call.site, "the environment variable '" + name + "' is not set",
         "Set it, or give a default: ${oc.env:" + name + ",default}.");
  const Yaml& fallback = call.arguments[1];
  if (fallback.is_null()) return keep(Yaml{}, call.site);
  return keep(yaml_text(fallback.is_scalar() ? inserted_text(fallback) : python_repr(fallback)), call.site);
}

InterpolationPath Interpolator::path_argument(const Call& call) {
  TextCursor cursor{text_argument(call)};
  const InterpolationPath path = read_path(cursor, [](TextCursor& at) {
    const std::size_t end = std::min(at.text.find_first_of(".[]", at.i), at.text.size());
    const std::string key = at.text.substr(at.i, end - at.i);
    at.i = end;
    return key;
  });
  if (!cursor.at_end() || (path.keys.empty() && path.n_dots == 0))
    fail_argument(call, "'" + cursor.text + "' is no path", "");
  return path;
}

/// The default is for what is not there and for `???`; null is a value.
const Yaml& Interpolator::call_select(const Call& call) {
  Absent absent;
  Yaml* target = find(path_argument(call), call.site, absent);
  if (target != nullptr) resolve_target(*target, call.site);
  if (target != nullptr && !is_missing(*target)) return *target;
  return keep(call.arguments.size() < 2 ? Yaml{} : call.arguments[1], call.site);
}

const Yaml& Interpolator::call_decode(const Call& call) {
  if (call.arguments[0].is_null()) return keep(Yaml{}, call.site);
  const std::string& text = text_argument(call);
  try {
    return keep(read_one_argument(text, interpolation_reader(call.site.node), nesting_), call.site);
  } catch (const Stop& stop) {
    fail_argument(call, "'" + text + "' cannot be read: " + stop.what, stop.hint);
  }
}

/// A list or mapping as it is; a text as YAML, whose own interpolations are resolved where the call stands.
const Yaml& Interpolator::call_create(const Call& call) {
  if (!call.arguments[0].is_scalar()) return keep(call.arguments[0], call.site);
  Diagnostics found;
  Yaml tree = parse_yaml(text_argument(call), "", found);
  if (found.has_errors())
    fail_argument(call, "its text is no YAML: " + found.list.front().what, found.list.front().hint);
  if (tree.is_scalar()) fail_argument(call, "its text is " + std::string(name_of(tree.kind)), "");
  forget_places(tree);
  keep(std::move(tree), call.site);
  Yaml& made = made_.back();
  places_.add(made, places_.of(call.site.node));
  resolve(made);
  return made;
}

Yaml& Interpolator::mapping_argument(const Call& call) {
  const InterpolationPath path = path_argument(call);
  Absent absent;
  Yaml* target = find(path, call.site, absent);
  if (target == nullptr) fail("interpolation-not-found", call.site, absent.what, absent.hint);
  if (target->is_scalar()) resolve_target(*target, call.site);
  if (is_missing(*target)) fail_missing(path, *target, call.site);
  if (!target->is_mapping())
    fail_argument(call, std::string("'") + path.text() + "' is " + name_of(target->kind) + ", not a mapping", "");
  return *target;
}

const Yaml& Interpolator::call_keys(const Call& call) {
  Yaml list;
  list.kind = Yaml::Kind::sequence;
  for (const auto& entry : mapping_argument(call).entries) list.items.push_back(entry.first);
  return keep(std::move(list), call.site);
}

const Yaml& Interpolator::call_values(const Call& call) {
  Yaml& mapping = mapping_argument(call);
  resolve_target(mapping, call.site);
  spend(call.site.node.where, size_of(mapping), 0);
  Yaml list;
  list.kind = Yaml::Kind::sequence;
  for (const auto& entry : mapping.entries) list.items.push_back(entry.second);
  return keep(std::move(list), call.site);
}

}  // namespace kiln
