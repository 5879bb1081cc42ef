#include "operators/targets/unknown_target.h"

#include <algorithm>
#include <map>
#include <vector>

#include "base/diagnostics.h"
#include "base/text.h"
#include "operators/targets/candidates.h"
#include "operators/targets/target_table.h"

namespace kiln {

namespace {

std::vector<std::string> all_names() {
  std::vector<std::string> names;
  for (const Candidate& candidate : all_candidates()) {
    if (names.empty() || names.back() != candidate.signature.name) names.push_back(candidate.signature.name);
  }
  return names;
}

const std::vector<std::string>& known_names() {
  static const std::vector<std::string> names = all_names();
  return names;
}

std::string allowance_hint(const std::string& target) {
  const std::string package = target.substr(0, target.find('.'));
  return "functions and modules of Python need Python and --allow python:" + package +
         "; a file must end in .pt and needs --allow code:LAYER";
}

constexpr const char* kModules[] = {"torch.", "torch.nn.functional.", "torch.nn."};

bool is_known_module(const std::string& module) {
  return std::find(std::begin(kModules), std::end(kModules), module) != std::end(kModules);
}

/// With the module that Python's files give another name: nn.Linear, F.relu.
std::string with_whole_module(const std::string& target) {
  if (starts_with(target, "F.")) return "torch.nn.functional." + target.substr(2);
  return starts_with(target, "nn.") ? "torch." + target : target;
}

/// "torch.nn." of torch.nn.Linear, "" of Linear.
std::string module_of(const std::string& target) { return target.substr(0, target.rfind('.') + 1); }

std::string word_of(const std::string& target) { return target.substr(target.rfind('.') + 1); }

/// Without capitals and underscores.
std::string plain_word(const std::string& name) {
  std::string word = lower_case(name);
  word.erase(std::remove(word.begin(), word.end(), '_'), word.end());
  return word;
}

using NamesByWord = std::multimap<std::string, std::string>;

/// Names of torch, torch.nn and torch.nn.functional.
const NamesByWord& names_by_plain_word() {
  static const NamesByWord names = [] {
    NamesByWord all;
    for (const std::string& name : known_names())
      if (is_known_module(module_of(name))) all.emplace(plain_word(word_of(name)), name);
    return all;
  }();
  return names;
}

/// The whole name of what is written otherwise, as torch.nn.LSTM for torch.nn.lstm, or is in another module, as
/// torch.nn.Linear for Linear; "" if there is none.
std::string full_name(const std::string& target) {
  const std::string module = module_of(target), word = word_of(target);
  const auto [first, last] = names_by_plain_word().equal_range(plain_word(word));
  for (auto same = first; same != last; ++same)
    if (module_of(same->second) == module) return same->second;
  if (!module.empty() && !is_known_module(module)) return "";
  for (const char* other : kModules)
    if (!candidates(other + word).empty()) return other + word;
  return first == last ? "" : first->second;
}

constexpr std::size_t kLeastWord = 4;  ///< shorter ones are near to too many

/// One letter too many, missing or another, or two exchanged; but not the first.
bool is_slip(const std::string& word, const std::string& meant) {
  std::size_t n = 0, m = 0;  // what both begin with, and what they end in
  while (n < std::min(word.size(), meant.size()) && word[n] == meant[n]) ++n;
  while (m < std::min(word.size(), meant.size()) - n && word[word.size() - 1 - m] == meant[meant.size() - 1 - m]) ++m;
  const std::size_t wrong = word.size() - n - m, right = meant.size() - n - m;
  const bool is_exchange = wrong == 2 && right == 2 && word[n] == meant[n + 1] && word[n + 1] == meant[n];
  return n > 0 && word.size() >= kLeastWord && ((wrong <= 1 && right <= 1) || is_exchange);
}

/// The only target that may be meant; "" if that is not certain. torch has other names than those that are known here.
std::string target_meant(const std::string& target) {
  if (!candidates(target).empty()) return target;  // by the short name of its module
  const std::string module = module_of(target), word = word_of(target);
  if (changes_in_place(target)) return "";
  std::vector<std::string> meant;
  for (const std::string& name : known_names()) {
    const std::string other = word_of(name);
    const bool is_word = other == word || lower_case(other) == word;  // without capitals either may be meant
    const bool may_be_meant = module.empty() ? is_word : module_of(name) == module && is_slip(word, other);
    if (may_be_meant) meant.push_back(name);
  }
  return meant.size() == 1 ? meant.front() : "";
}

/// Tells why no file may name it; false if there is no reason.
bool tell_refusal(const TargetFaults& faults) {
  const std::string& target = faults.request.target;
  const SourcePos& where = faults.request.target_where;
  const std::string reason = refusal(target), plain = target.substr(0, target.size() - 1);
  if (!reason.empty() && is_made_by_python(target))
    faults.error("unknown-target", where, "is not known without Python", reason);
  else if (!reason.empty())
    faults.error("refused-target", where, "cannot be a layer", reason);
  else if (changes_in_place(target) && !candidates(plain).empty())
    faults.error("refused-target", where, "changes its argument, which other layers may read", "use '" + plain + "'");
  else
    return false;
  return true;
}

std::string hint_without_name(const std::string& target) {
  return starts_with(target, "torch.") ? "`kiln layers --arbitrary` lists what is known without Python"
                                       : allowance_hint(target);
}

}  // namespace

bool changes_in_place(const std::string& name) {
  return name.size() > 1 && name.back() == '_' && name[name.size() - 2] != '_';
}

std::string tell_unknown_target(const TargetFaults& faults) {
  if (tell_refusal(faults)) return "";
  const std::string target = with_whole_module(faults.request.target), meant = target_meant(target);
  const bool has_dot = faults.request.target.find('.') != std::string::npos;
  const std::string full = !meant.empty() && word_of(meant) == word_of(target) ? meant : full_name(target);
  const std::string hint = full.empty() ? did_you_mean(target, known_names()) : "write '" + full + "'";
  faults.error("unknown-target", faults.request.target_where,
               has_dot ? "is not known without Python" : "has no dot: it names no function or module",
               hint.empty() ? hint_without_name(target) : hint);
  return meant;
}

}  // namespace kiln
