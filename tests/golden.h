#pragma once

#include <algorithm>
#include <cmath>
#include <fstream>
#include <nlohmann/json.hpp>
#include <stdexcept>
#include <string>
#include <vector>

namespace kiln::golden {

/// tests/golden/<name>.json (format: the README there).
inline nlohmann::json read(const std::string& name) {
  const std::string path = std::string(KILN_SOURCE_DIR) + "/tests/golden/" + name + ".json";
  std::ifstream in(path);
  if (!in) throw std::runtime_error("cannot read " + path);
  return nlohmann::json::parse(in);
}

/// The cases of such a file, by value: a loop may run over the result.
inline nlohmann::json cases(const std::string& name) { return read(name).at("cases"); }

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
