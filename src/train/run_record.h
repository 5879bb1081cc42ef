#pragma once

#include <map>
#include <string>
#include <vector>

namespace kiln {

/// What the bits of a run depend on beside its options: version, commit, processor, vector level, threads, libtorch.
using RunRecord = std::map<std::string, std::string>;

/// @param torch_description  "": nothing was trained
RunRecord make_record(int n_threads, const std::string& torch_description);

/// "threads: 2 before, 4 now", one for each entry that both have and that differs.
std::vector<std::string> differences(const RunRecord& before, const RunRecord& now);

}  // namespace kiln
