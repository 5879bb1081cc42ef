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

/// Optimal string alignment: insertions, deletions, substitutions and swaps of neighbors.
int edit_distance(const std::string& a, const std::string& b) {
  const std::size_t columns = b.size() + 1;
  std::vector<int> before_last(columns), last(columns), row(columns);
  for (std::size_t j = 0; j < columns; ++j) row[j] = static_cast<int>(j);
  for (std::size_t i = 1; i <= a.size(); ++i) {
    before_last.swap(last);
    last.swap(row);
    row[0] = static_cast<int>(i);
    for (std::size_t j = 1; j < columns; ++j) {
      row[j] = std::min({last[j] + 1, row[j - 1] + 1, last[j - 1] + (a[i - 1] != b[j - 1])});
      const bool swapped = i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1];
      if (swapped) row[j] = std::min(row[j], before_last[j - 2] + 1);
    }
  }
  return row.back();
}

int nearness(const std::string& name) { return std::max(1, static_cast<int>(name.size()) / 3); }

/// Of dotted names, which have much in common anyway, the last words must be near each other, too.
bool ends_near(const std::string& name, const std::string& candidate) {
  const std::size_t dot = name.rfind('.'), other = candidate.rfind('.');
  if (dot == std::string::npos || other == std::string::npos) return true;
  const std::string last = name.substr(dot + 1);
  return edit_distance(last, candidate.substr(other + 1)) <= nearness(last);
}

/// One is the last word or words of the other: params of model_params.
bool is_last_word(const std::string& name, const std::string& candidate) {
  const bool is_longer = name.size() > candidate.size();
  const std::string& longer = is_longer ? name : candidate;
  const std::string end = "_" + (is_longer ? candidate : name);
  return longer.size() > end.size() && longer.compare(longer.size() - end.size(), end.size(), end) == 0;
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

std::string did_you_mean(const std::string& name, const std::vector<std::string>& known) {
  const std::string lower_name = lower_case(name);
  int best = nearness(name) + 1;
  const std::string* nearest = nullptr;
  for (const std::string& candidate : known) {
    const std::string lower_candidate = lower_case(candidate);
    const int longer = std::abs(static_cast<int>(candidate.size()) - static_cast<int>(name.size()));
    const bool same_end = is_last_word(lower_name, lower_candidate);
    if (!same_end && longer >= best) continue;  // the distance is at least this
    const int distance = same_end ? 1 : edit_distance(lower_name, lower_candidate);
    if (distance < best && candidate != name && ends_near(lower_name, lower_candidate)) {
      best = distance;
      nearest = &candidate;
    }
  }
  return nearest ? "Did you mean '" + *nearest + "'?" : "";
}

}  // namespace kiln
