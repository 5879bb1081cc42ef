#pragma once

#include <algorithm>
#include <cmath>
#include <fstream>
#include <map>
#include <nlohmann/json.hpp>
#include <stdexcept>
#include <string>
#include <vector>

namespace kiln::golden {

/// tests/golden/<name>.json (format: the README there). Read once and kept, so loops may run over parts of it.
inline const nlohmann::json& read(const std::string& name) {
  static std::map<std::string, nlohmann::json> files;
  const auto found = files.find(name);
  if (found != files.end()) return found->second;
  const std::string path = std::string(KILN_SOURCE_DIR) + "/tests/golden/" + name + ".json";
  std::ifstream in(path);
  if (!in) throw std::runtime_error("cannot read " + path);
  return files[name] = nlohmann::json::parse(in);
}

inline const nlohmann::json& cases(const std::string& name) { return read(name).at("cases"); }

/// The numbers of an array {"shape": …, "data": …}.
inline std::vector<double> numbers(const nlohmann::json& array) { return array.at("data").get<std::vector<double>>(); }

inline std::vector<int> shape(const nlohmann::json& array) { return array.at("shape").get<std::vector<int>>(); }

/// Largest difference relative to the largest expected number; huge where sizes differ or anything is not finite.
inline double relative_difference(const std::vector<double>& got, const std::vector<double>& want) {
  constexpr double kHuge = 1e300;
  if (got.size() != want.size()) return kHuge;
  double difference = 0.0, largest = 1e-300;
  for (std::size_t i = 0; i < want.size(); ++i) {
    if (!(std::abs(got[i]) < kHuge && std::abs(want[i]) < kHuge)) return kHuge;
    difference = std::max(difference, std::abs(got[i] - want[i]));
    largest = std::max(largest, std::abs(want[i]));
  }
  return difference / largest;
}

}  // namespace kiln::golden
