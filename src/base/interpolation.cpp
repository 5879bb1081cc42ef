#include "base/interpolation.h"

#include "base/interpolation_state.h"
#include "base/unresolved.h"

namespace kiln {
namespace {

/// Copies what stands before the next interpolation; false if one is next. \${ is an escaped one, \\${ a backslash and
/// an interpolation.
bool copy_plain(TextCursor& cursor, std::string& out) {
  const std::size_t backslashes =
      std::min(cursor.text.find_first_not_of('\\', cursor.i), cursor.text.size()) - cursor.i;
  if (cursor.text.compare(cursor.i + backslashes, 2, "${") != 0) {
    const std::size_t n = std::max<std::size_t>(backslashes, 1);
    out.append(cursor.text, cursor.i, n);
    cursor.i += n;
    return true;
  }
  out.append(backslashes / 2, '\\');
  cursor.i += backslashes;
  if (backslashes % 2 == 1) {
    out += "${";
    cursor.i += 2;
  }
  return backslashes > 0;
}

/// What was made has no position of its own.
void place_all(Yaml& made, const SourcePos& where) {
  if (!made.where.known()) made.where = where;
  for (Yaml& item : made.items) place_all(item, where);
  for (auto& [key, value] : made.entries) {
    if (!key.where.known()) key.where = where;
    place_all(value, where);
  }
}

}  // namespace

std::set<const Yaml*> Interpolator::run() {
  total_ = size_of(root_);
  places_.add(root_, {});
  try {
    resolve(root_);
  } catch (const LimitReached&) {
  } catch (const TooDeep&) {
    const SourcePos& where = open_scalars_.empty() ? root_.where : open_scalars_.back()->where;
    faults_.error("yaml-limit", where, "interpolations refer to each other or stand in each other more than 400 deep",
                  "Write some of the values out.");
  }
  return std::move(read_);
}

/// Resolves the node and all below it; false if it is a scalar that could not be resolved. What a copy brought is
/// resolved and has no place.
bool Interpolator::resolve(Yaml& node) {
  if (!places_.know(node)) return true;
  const auto [state, is_new] = states_.emplace(&node, State::open);
  if (!is_new) return state->second != State::failed;
  const NestingLevel level(nesting_);
  bool good = true;
  for (Yaml& item : node.items) resolve(item);
  for (auto& entry : node.entries) resolve(entry.second);
  if (node.is_scalar()) good = resolve_scalar(node);
  states_[&node] = good ? State::done : State::failed;
  return good;
}

bool Interpolator::resolve_scalar(Yaml& node) {
  if (is_unresolved(node)) return false;  // a parameter that the including file could not resolve
  if (node.kind != Yaml::Kind::text || node.text.find("${") == std::string::npos) return true;
  open_scalars_.push_back(&node);
  bool good = true;
  try {
    replace(node);
  } catch (const Told&) {
    mark_unresolved(node);
    good = false;
  }
  open_scalars_.pop_back();
  return good;
}

void Interpolator::replace(Yaml& node) {
  const SourcePos where = node.where;
  const std::string text = node.text;
  TextCursor cursor{text};
  std::string out;
  while (!cursor.at_end()) {
    if (copy_plain(cursor, out)) continue;
    const std::size_t start = cursor.i;
    const Yaml& value = evaluate(cursor, node);
    if (start == 0 && cursor.at_end()) return copy_node(value, node);
    out += inserted(value, {node, cursor, start});
    if (out.size() > YamlLimits::scalar_bytes) limit(where, "more than 16 MB of scalars");
  }
  Yaml result = yaml_text(out);
  result.where = where;
  spend(where, {1, 1, out.size()}, 1);
  node = std::move(result);
}

void Interpolator::copy_node(const Yaml& target, Yaml& node) {
  const SourcePos where = node.where;
  spend(where, size_of(target), places_.of(node).depth);
  Yaml copy = target;
  copy.where = where;
  node = std::move(copy);
}

std::string Interpolator::inserted(const Yaml& value, const Site& site) {
  if (value.is_scalar()) return inserted_text(value);
  fail("interpolation-type", site, std::string(name_of(value.kind)) + " cannot stand inside a text",
       "Refer to one of its values, or let the reference be the whole value.");
}

/// Value of the ${…} at the cursor, which moves behind it.
const Yaml& Interpolator::evaluate(TextCursor& cursor, Yaml& node) {
  const NestingLevel level(nesting_);
  const Site site{node, cursor, cursor.i};
  try {
    return read_interpolation(site);
  } catch (const Stop& stop) {
    fail(stop, site);
  }
}

const Yaml& Interpolator::read_interpolation(const Site& site) {
  TextCursor& cursor = site.cursor;
  cursor.i += 2;
  cursor.skip_blanks();
  if (cursor.sees("=")) return compute(site);
  const InterpolationPath path = read_path(cursor, [&](TextCursor& at) { return read_key(at, site.node); });
  cursor.skip_blanks();
  if (cursor.sees(":") && path.n_dots == 0 && !path.keys.empty()) return call(path.text(), site);
  if (!cursor.sees("}") || path.keys.empty())
    throw Stop{cursor.i, "interpolation-syntax", "it is no reference",
               "Write ${a.b}, ${a[0].b} or, relative, ${.b}; \\${ keeps the characters as they are."};
  ++cursor.i;
  return refer(path, site);
}

/// ${= expression}
const Yaml& Interpolator::compute(const Site& site) {
  TextCursor& cursor = site.cursor;
  ++cursor.i;
  const Number result = calculate(
      cursor, [&](TextCursor& at) { return read_operand(site, at); }, nesting_);
  cursor.skip_blanks();
  if (!cursor.sees("}"))
    throw Stop{cursor.i, "arithmetic-syntax", "an operator or '}' is expected",
               "An expression has numbers, paths such as a.b, + - * / // % **, brackets and functions."};
  ++cursor.i;
  return keep(result.is_whole ? yaml_integer(result.whole) : yaml_real(result.real), site);
}

Number Interpolator::read_operand(const Site& site, TextCursor& cursor) {
  const std::size_t start = cursor.i;
  const Yaml* value = nullptr;
  if (cursor.sees("${")) {
    value = &evaluate(cursor, site.node);
  } else {
    const InterpolationPath path = read_path(cursor, [](TextCursor& at) {
      const std::size_t begin = at.i;
      while (at.sees_one_of("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_0123456789")) ++at.i;
      return at.text.substr(begin, at.i - begin);
    });
    if (path.keys.empty()) throw Stop{start, "arithmetic-syntax", "a key is missing", ""};
    value = &refer(path, {site.node, cursor, start});
  }
  const std::string raw = cursor.text.substr(start, cursor.i - start);
  if (value->kind == Yaml::Kind::integer) return whole_number(value->int_value);
  if (value->kind == Yaml::Kind::real) return real_number(value->real_value);
  const bool is_text = value->kind == Yaml::Kind::text;
  throw Stop{start, "arithmetic-operand",
             "'" + raw + "' is " +
                 (is_text                              ? "text"
                  : value->kind == Yaml::Kind::boolean ? "a boolean"
                                                       : name_of(value->kind)) +
                 ", not a number",
             is_text ? "Text that is a number is read by ${oc.decode:…}." : "", raw.size()};
}

const Yaml& Interpolator::keep(Yaml value, const Site& site) {
  place_all(value, site.node.where);
  spend(site.node.where, size_of(value), 0);
  made_.push_back(std::move(value));
  return made_.back();
}

void Interpolator::spend(const SourcePos& where, const YamlSize& size, std::size_t depth) {
  total_.nodes += size.nodes;
  total_.scalar_bytes += size.scalar_bytes;
  if (total_.nodes > YamlLimits::nodes) limit(where, "more than 1000000 nodes");
  if (total_.scalar_bytes > YamlLimits::scalar_bytes) limit(where, "more than 16 MB of scalars");
  if (depth + size.depth > YamlLimits::depth + 2) limit(where, "nested more than 256 deep");
}

void Interpolator::limit(const SourcePos& where, const std::string& what) {
  faults_.error("yaml-limit", where, "the document becomes too large by its interpolations: " + what,
                "Limits: 1000000 nodes, depth 256, 16 MB of scalars.");
  throw LimitReached();
}

std::string escaped_interpolations(const std::string& text) {
  std::string escaped;
  std::size_t n_backslashes = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text.compare(i, 2, "${") == 0) escaped.append(n_backslashes + 1, '\\');
    n_backslashes = text[i] == '\\' ? n_backslashes + 1 : 0;
    escaped += text[i];
  }
  return escaped;
}

std::set<const Yaml*> resolve_interpolations(Yaml& root, Diagnostics& faults, const Environment& environment) {
  return Interpolator(root, faults, environment).run();
}

}  // namespace kiln
