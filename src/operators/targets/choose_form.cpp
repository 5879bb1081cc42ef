#include "operators/targets/choose_form.h"

#include <algorithm>
#include <utility>

namespace kiln {

namespace {

std::ptrdiff_t n_placed(const Fit& fit) {
  const auto& all = fit.binding.arguments;
  return std::count_if(all.begin(), all.end(), [](const BoundArgument& bound) {
    return bound.source == BoundArgument::Source::value || bound.source == BoundArgument::Source::input;
  });
}

std::ptrdiff_t n_with(bool Mismatch::*flag, const Fit& fit) {
  const auto& all = fit.mismatches;
  return std::count_if(all.begin(), all.end(), [&](const Mismatch& mismatch) { return mismatch.*flag; });
}

/// Of calls that do not fit, the one comes nearer that has the keywords, then the one of which more fits, then the one
/// that takes values where there are values.
bool fits_better(const Fit& a, const Fit& b) {
  if (a.fits() != b.fits()) return a.fits();
  if (a.fits()) return a.binding.cost < b.binding.cost;
  const auto n_unknown_a = n_with(&Mismatch::unknown_keyword, a), n_unknown_b = n_with(&Mismatch::unknown_keyword, b);
  if (n_unknown_a != n_unknown_b) return n_unknown_a < n_unknown_b;
  if (n_placed(a) != n_placed(b)) return n_placed(a) > n_placed(b);
  if (a.mismatches.size() != b.mismatches.size()) return a.mismatches.size() < b.mismatches.size();
  return n_with(&Mismatch::wants_tensor, a) < n_with(&Mismatch::wants_tensor, b);
}

/// Names of arguments in all forms of a call; `input` is another name of `self`.
std::vector<std::string> argument_names(const CandidateRange& range, Signature Candidate::*form) {
  std::vector<std::string> names;
  for (const Candidate& candidate : range)
    for (const SignatureArgument& argument : (candidate.*form).arguments)
      for (const char* name : {argument.name.c_str(), argument.name == "self" ? "input" : ""})
        if (*name != '\0') names.push_back(name);
  return names;
}

/// Is the argument given by keyword, or perhaps by position?
bool may_be_given(const CandidateRange& range, Signature Candidate::*form, const Offer& offer,
                  const std::string& argument) {
  const auto is_value = [&](const NamedValue& named) { return named.name == argument; };
  const auto is_input = [&](const auto& named) { return named.first == argument; };
  const auto is_positional = [](const auto& input) { return input.first.empty(); };
  const auto n_positions = static_cast<std::ptrdiff_t>(offer.values.size()) +
                           std::count_if(offer.inputs.begin(), offer.inputs.end(), is_positional);
  const auto is_positioned = [&](const Candidate& candidate) {
    const auto& all = (candidate.*form).arguments;
    const auto found = std::find_if(all.begin(), all.end(), [&](const auto& a) { return a.name == argument; });
    return found != all.end() && found - all.begin() < n_positions;
  };
  return !offer.positions_known || std::any_of(offer.named_values.begin(), offer.named_values.end(), is_value) ||
         std::any_of(offer.inputs.begin(), offer.inputs.end(), is_input) ||
         std::any_of(range.begin(), range.end(), is_positioned);
}

}  // namespace

std::string without_name(const std::string& signature) { return signature.substr(signature.find('(')); }

std::string forms(const CandidateRange& range) {
  std::string text = range.last - range.first == 1 ? "its form is " : "its forms are ";
  for (const Candidate& candidate : range)
    text += (&candidate == &*range.first ? "" : "; ") + without_name(candidate.signature.text);
  return text;
}

std::string call_form(const Candidate& module) { return "it is called with " + without_name(module.forward.text); }

std::ptrdiff_t n_unknown_keywords(const Fit& fit) { return n_with(&Mismatch::unknown_keyword, fit); }

Choice choose(const CandidateRange& range, const Offer& offer, const CallRequest& request) {
  Choice best;
  for (const Candidate& candidate : range) {
    Fit fitted = fit(candidate.signature, offer, request);
    if (best.candidate == nullptr || fits_better(fitted, best.fit)) best = {&candidate, std::move(fitted)};
  }
  return best;
}

void tell_mismatches(const Fit& fit, const std::string& forms, const TargetFaults& faults) {
  for (const Mismatch& mismatch : fit.mismatches)
    faults.error(mismatch.code, mismatch.where, mismatch.what,
                 forms + (mismatch.hint.empty() ? "" : "; " + mismatch.hint));
}

bool take_known_keywords(const CandidateRange& range, Signature Candidate::*form, const TargetFaults& faults,
                         Offer& offer) {
  const bool is_call = form == &Candidate::forward;
  const std::vector<std::string> names = argument_names(range, form);
  if (std::any_of(range.begin(), range.end(), [&](const Candidate& c) { return (c.*form).takes_anything; }))
    return true;
  bool good = true;
  // The keyword, or the one that is meant; "": that is not known
  const auto name_meant = [&](const std::string& keyword, const SourcePos& where) -> std::string {
    const std::string name = keyword == "self" ? "input" : keyword;
    if (std::find(names.begin(), names.end(), name) != names.end()) return keyword;
    const std::string misspelt = misspelt_name(keyword, names), guess = nearest_name(keyword, names);
    good = faults.error("bad-argument", where, "has no argument '" + keyword + "'",
                        !misspelt.empty() ? did_you_mean(keyword, names)
                        : is_call         ? call_form(*range.begin())
                                          : forms(range));  // which say more than a guess
    if (!misspelt.empty() && !may_be_given(range, form, offer, misspelt)) return misspelt;
    offer.meant.push_back(guess);
    if (guess.empty()) offer.defaults_known = false;
    return "";
  };
  Offer known;
  for (const auto& [keyword, value, where] : offer.named_values) {
    const std::string name = name_meant(keyword, where.known() ? where : value.where);
    const auto is_same = [&](const NamedValue& other) { return other.name == name; };
    const auto& named = known.named_values;
    if (!name.empty() && std::none_of(named.begin(), named.end(), is_same))
      known.named_values.push_back({name, value, where});
  }
  for (const auto& [keyword, input] : offer.inputs) {
    const std::string name = keyword.empty() ? "" : name_meant(keyword, faults.request.inputs[input].where);
    const auto is_same = [&](const auto& other) { return other.first == name; };
    const bool is_first = std::none_of(known.inputs.begin(), known.inputs.end(), is_same);
    if (keyword.empty() || (!name.empty() && is_first)) known.inputs.emplace_back(name, input);
  }
  offer.named_values = std::move(known.named_values);
  offer.inputs = std::move(known.inputs);
  return good;
}

}  // namespace kiln
