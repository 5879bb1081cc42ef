#include "base/diagnostics.h"

#include <algorithm>
#include <cstdlib>
#include <map>
#include <nlohmann/json.hpp>
#include <set>
#include <tuple>

#include "base/text.h"

namespace kiln {
namespace {

/// Optimal string alignment: insertions, deletions, substitutions and swaps of neighbors; `most` + 1 if it takes more
/// than `most` of them.
int edit_distance(const std::string& a, const std::string& b, int most) {
  const int beyond = most + 1, n = static_cast<int>(b.size());
  std::vector<int> before_last(b.size() + 1, beyond), last = before_last, row = before_last;
  for (int j = 0; j <= std::min(n, most); ++j) last[j] = j;
  for (int i = 1, least_of_last = 0; i <= static_cast<int>(a.size()); ++i) {
    std::fill(row.begin(), row.end(), beyond);
    row[0] = std::min(i, beyond);
    int least = row[0];
    for (int j = std::max(1, i - most); j <= std::min(n, i + most); ++j) {
      row[j] = std::min({last[j] + 1, row[j - 1] + 1, last[j - 1] + (a[i - 1] != b[j - 1]), beyond});
      const bool swapped = i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1];
      if (swapped) row[j] = std::min(row[j], before_last[j - 2] + 1);
      least = std::min(least, row[j]);
    }
    if (least > most && least_of_last > most) return beyond;
    least_of_last = least;
    before_last.swap(last);
    last.swap(row);
  }
  return last.back();
}

/// Of one letter, which any other is near, only the letter case may be another.
int nearness(const std::string& name) { return name.size() < 2 ? 0 : std::max(1, static_cast<int>(name.size()) / 3); }

/// Of dotted names, which have much in common anyway, the last words must be near each other, too.
bool ends_near(const std::string& name, const std::string& candidate) {
  const std::size_t dot = name.rfind('.'), other = candidate.rfind('.');
  if (dot == std::string::npos || other == std::string::npos) return true;
  const std::string last = name.substr(dot + 1), other_last = candidate.substr(other + 1);
  return starts_with(other_last, last) || edit_distance(last, other_last, nearness(last)) <= nearness(last);
}

/// The one name that ends with '_' and this one, model_params for params, or begins with it, config for conf.
std::string name_with_part(const std::string& part, const std::vector<std::string>& known) {
  constexpr std::size_t kLeastLetters = 3;  // of a beginning
  const std::string end = "_" + part;
  std::string found;
  for (const std::string& name : known) {
    const bool ends = name.size() > end.size() && name.compare(name.size() - end.size(), end.size(), end) == 0;
    const bool begins = part.size() >= kLeastLetters && starts_with(name, part);
    if (!(ends || begins) || name.find('.') != std::string::npos) continue;
    if (!found.empty()) return "";
    found = name;
  }
  return found;
}

/// A fault in an included file says how it came there.
Diagnostic made(Severity severity, std::string code, SourcePos where, std::string what, std::string hint) {
  if (!where.via.empty()) hint = hint.empty() ? where.via : hint + " (" + where.via + ")";
  return {severity, std::move(code), std::move(where), std::move(what), std::move(hint)};
}

}  // namespace

void Diagnostics::error(std::string code, SourcePos where, std::string what, std::string hint) {
  list.push_back(made(Severity::error, std::move(code), std::move(where), std::move(what), std::move(hint)));
}

void Diagnostics::warning(std::string code, SourcePos where, std::string what, std::string hint) {
  list.push_back(made(Severity::warning, std::move(code), std::move(where), std::move(what), std::move(hint)));
}

void Diagnostics::tell_copies_once() {
  using Key = std::tuple<std::string, std::string, int, int, std::string>;
  std::map<Key, int> first_copies;
  const auto key_of = [](const Diagnostic& d) {
    return Key{d.code, d.where.file, d.where.line, d.where.column, d.where.via};
  };
  for (const Diagnostic& d : list) {
    int& first = first_copies.insert({key_of(d), d.where.copy}).first->second;
    first = std::min(first, d.where.copy);
  }
  std::set<std::pair<Key, std::string>> seen;
  const auto told = [&](const Diagnostic& d) {
    const Key key = key_of(d);
    return d.where.known() && (d.where.copy > first_copies.at(key) || !seen.insert({key, d.what}).second);
  };
  list.erase(std::remove_if(list.begin(), list.end(), told), list.end());
}

void Diagnostics::add(const std::vector<Diagnostic>& others) { list.insert(list.end(), others.begin(), others.end()); }

std::size_t Diagnostics::n_errors() const {
  const auto is_error = [](const Diagnostic& fault) { return fault.severity == Severity::error; };
  return static_cast<std::size_t>(std::count_if(list.begin(), list.end(), is_error));
}

bool says_the_same(const std::vector<Diagnostic>& faults, const Diagnostic& fault) {
  return std::any_of(faults.begin(), faults.end(),
                     [&](const Diagnostic& other) { return other.code == fault.code && other.what == fault.what; });
}

void throw_if_errors(const Diagnostics& faults, ErrorKind kind) {
  if (faults.has_errors()) throw Error(kind, faults.list);
}

std::string to_json(const Diagnostics& faults) {
  using Json = nlohmann::ordered_json;
  Json list = Json::array();
  for (const Diagnostic& fault : faults.list) {
    list.push_back({{"severity", fault.severity == Severity::error ? "error" : "warning"},
                    {"code", fault.code},
                    {"file", fault.where.file},
                    {"line", fault.where.line},
                    {"column", fault.where.column},
                    {"message", fault.what},
                    {"hint", fault.hint}});
  }
  const Json whole = {{"valid", !faults.has_errors()}, {"diagnostics", list}};
  return whole.dump(-1, ' ', false, Json::error_handler_t::replace);  // file names may be no UTF-8
}

namespace {

/// The name with the least edit distance, the first of several; "" if none is near.
struct Nearest {
  std::string name;
  bool is_only = true;
};

Nearest find_nearest(const std::string& name, const std::vector<std::string>& known) {
  Nearest nearest;
  const std::string lower_name = lower_case(name);
  int best = nearness(name);
  for (const std::string& candidate : known) {
    const int longer = std::abs(static_cast<int>(candidate.size()) - static_cast<int>(name.size()));
    if (longer > best || candidate == name) continue;  // the distance is at least this
    const std::string lower_candidate = lower_case(candidate);
    const int distance = edit_distance(lower_name, lower_candidate, best);
    if (distance > best || !ends_near(lower_name, lower_candidate)) continue;
    nearest.is_only = nearest.name.empty() || nearest.name == candidate || distance < best;
    if (distance < best || nearest.name.empty()) nearest.name = candidate;
    best = distance;
  }
  return nearest;
}

}  // namespace

std::string misspelt_name(const std::string& name, const std::vector<std::string>& known) {
  const Nearest nearest = find_nearest(name, known);
  return nearest.is_only ? nearest.name : "";
}

std::string nearest_name(const std::string& name, const std::vector<std::string>& known) {
  const Nearest nearest = find_nearest(name, known);
  return nearest.name.empty() ? name_with_part(name, known) : nearest.name;
}

std::string did_you_mean(const std::string& name, const std::vector<std::string>& known) {
  const std::string nearest = nearest_name(name, known);
  return nearest.empty() ? "" : "Did you mean '" + nearest + "'?";
}

}  // namespace kiln
