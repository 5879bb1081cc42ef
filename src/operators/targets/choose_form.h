#pragma once

#include <string>
#include <vector>

#include "operators/targets/bind.h"
#include "operators/targets/candidates.h"
#include "operators/targets/target_faults.h"

namespace kiln {

/// One overload, and how a call fits it.
struct Choice {
  const Candidate* candidate = nullptr;
  Fit fit;
};

/// "(input: Tensor, …)" of a signature.
std::string without_name(const std::string& signature);

/// "its forms are (…); (…)"
std::string forms(const CandidateRange& range);
/// What a module is called with once it is made: "it is called with (…)".
std::string call_form(const Candidate& module);

/// How many keywords of a call the form does not have.
std::ptrdiff_t n_unknown_keywords(const Fit& fit);

/// The cheapest overload that fits, or the one that comes nearest.
Choice choose(const CandidateRange& range, const Offer& offer, const CallRequest& request);

/// What keeps a call from fitting, each with the forms that there are as a hint.
void tell_mismatches(const Fit& fit, const std::string& forms, const TargetFaults& faults);

/// Tells all keywords that no form has; those that are misspelt get the names that are meant, the others are taken out
/// of the offer. False if there are any.
bool take_known_keywords(const CandidateRange& range, Signature Candidate::*form, const TargetFaults& faults,
                         Offer& offer);

}  // namespace kiln
