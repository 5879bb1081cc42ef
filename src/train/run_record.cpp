#include "train/run_record.h"

#include <fmt/format.h>

#include <fstream>

#include "base/level.h"
#include "kiln/version.h"

namespace kiln {
namespace {

std::string processor() {
  std::ifstream info("/proc/cpuinfo");
  for (std::string line; std::getline(info, line);)
    if (line.rfind("model name", 0) == 0) return line.substr(std::min(line.find(": ") + 2, line.size()));
  return "unknown";
}

}  // namespace

RunRecord make_record(int n_threads, const std::string& torch_description) {
  RunRecord record = {{"version", version()},
                      {"commit", commit()},
                      {"compiler", __VERSION__},
                      {"processor", processor()},
                      {"vector level", name_of(best_level())},
                      {"threads", std::to_string(n_threads)}};
  if (!torch_description.empty()) record["torch"] = torch_description;
  return record;
}

std::vector<std::string> differences(const RunRecord& before, const RunRecord& now) {
  std::vector<std::string> texts;
  for (const auto& [key, value] : now) {
    const auto old = before.find(key);
    if (old != before.end() && old->second != value)
      texts.push_back(fmt::format("{}: {} before, {} now", key, old->second, value));
  }
  return texts;
}

}  // namespace kiln
