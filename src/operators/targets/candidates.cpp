#include "operators/targets/candidates.h"

#include <algorithm>

namespace kiln {

const std::vector<Candidate>& all_candidates() {
  static const std::vector<Candidate> candidates = [] {
    std::vector<Candidate> all;
    for (const TargetRow& row : target_rows()) {
      all.push_back({parse_signature(row.signature), {}, &row});
      if (!row.forward.empty()) all.back().forward = parse_signature(row.forward);
    }
    for (const Signature& signature : torch_signatures()) all.push_back({signature, {}, nullptr});
    std::stable_sort(all.begin(), all.end(),
                     [](const Candidate& a, const Candidate& b) { return a.signature.name < b.signature.name; });
    return all;
  }();
  return candidates;
}

CandidateRange candidates(const std::string& name) {
  const auto& all = all_candidates();
  const auto first = std::lower_bound(all.begin(), all.end(), name,
                                      [](const Candidate& c, const std::string& n) { return c.signature.name < n; });
  return {first, std::find_if(first, all.end(), [&](const Candidate& c) { return c.signature.name != name; })};
}

}  // namespace kiln
