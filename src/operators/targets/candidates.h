#pragma once

#include <string>
#include <vector>

#include "operators/targets/target_table.h"

namespace kiln {

/// One overload of a target.
struct Candidate {
  Signature signature;
  Signature forward;               ///< of a module
  const TargetRow* row = nullptr;  ///< nullptr: written by its own name

  bool is_module() const { return row != nullptr && !row->forward.empty(); }
};

/// Every overload of every target, sorted by name.
const std::vector<Candidate>& all_candidates();

struct CandidateRange {
  std::vector<Candidate>::const_iterator first, last;

  std::vector<Candidate>::const_iterator begin() const { return first; }
  std::vector<Candidate>::const_iterator end() const { return last; }
  bool empty() const { return first == last; }
};

/// The overloads of one target; none if it is not known.
CandidateRange candidates(const std::string& name);

}  // namespace kiln
