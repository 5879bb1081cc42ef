#include "train/run_record.h"

#include <fmt/format.h>

#include <fstream>
#include <set>

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

std::string value_of(const RunRecord& record, const std::string& key) {
  const auto found = record.find(key);
  return found == record.end() ? "nothing" : found->second;
}

}  // namespace

RunRecord make_record(int n_threads, const std::string& torch_description) {
  return {{"version", version()},
          {"commit", commit()},
          {"compiler", __VERSION__},
          {"processor", processor()},
          {"vector level", name_of(best_level())},
          {"threads", std::to_string(n_threads)},
          {"torch", torch_description}};
}

std::vector<std::string> differences(const RunRecord& before, const RunRecord& now) {
  std::set<std::string> keys;
  for (const auto& entry : before) keys.insert(entry.first);
  for (const auto& entry : now) keys.insert(entry.first);
  std::vector<std::string> texts;
  for (const std::string& key : keys)
    if (value_of(before, key) != value_of(now, key))
      texts.push_back(fmt::format("{}: {} before, {} now", key, value_of(before, key), value_of(now, key)));
  return texts;
}

}  // namespace kiln
